-- The address that a person gave for mail. Letters go to a confirmed one only; the code that confirms it is kept as a MAC.
CREATE TABLE mail_addresses (
    id TEXT NOT NULL CONSTRAINT mail_addresses_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT mail_addresses_once UNIQUE CONSTRAINT mail_addresses_person REFERENCES people (id),
    address_sealed TEXT NOT NULL,
    code_mac TEXT,
    asked_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    confirmed_at BIGINT
);
