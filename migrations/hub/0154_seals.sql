-- Images of seals: used only while two people consent, every use logged.
CREATE TABLE seal_images (
    id TEXT NOT NULL CONSTRAINT seal_images_pk PRIMARY KEY,
    authority TEXT NOT NULL,
    image_sealed TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    first_by TEXT,
    first_at BIGINT,
    second_by TEXT,
    second_at BIGINT,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE INDEX seal_images_by_authority ON seal_images (authority, added_at);
CREATE TABLE seal_uses (
    id TEXT NOT NULL CONSTRAINT seal_uses_pk PRIMARY KEY,
    seal_id TEXT NOT NULL CONSTRAINT seal_uses_seal REFERENCES seal_images (id),
    no TEXT NOT NULL,
    revision BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX seal_uses_by_seal ON seal_uses (seal_id, used_at);
