-- How the tree was before: rows only for units that were renamed, moved or merged, the first of them saying how the unit
-- was from the beginning (an empty day). Who was where on a day is the placement and the unit's row of that day.
CREATE TABLE unit_history (
    unit_id TEXT NOT NULL CONSTRAINT unit_history_unit REFERENCES units (id),
    seq BIGINT NOT NULL,
    from_day TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    is_ended BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    recorded_by TEXT,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT unit_history_pk PRIMARY KEY (unit_id, seq)
);

-- A unit that was merged into another one has ended; its people and departments went there.
ALTER TABLE units ADD COLUMN ended_on TEXT;
ALTER TABLE units ADD COLUMN merged_into TEXT;

-- Whom to ask at a unit: an office, not a private number.
CREATE TABLE contact_cards (
    unit_id TEXT NOT NULL CONSTRAINT contact_cards_pk PRIMARY KEY CONSTRAINT contact_cards_unit REFERENCES units (id),
    office TEXT NOT NULL,
    names TEXT NOT NULL,
    telephone TEXT NOT NULL,
    hours TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
