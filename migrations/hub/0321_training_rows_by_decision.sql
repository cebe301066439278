-- The panel of signals looks at trainings by the instant at which someone's row was booked or decided.
CREATE INDEX training_rows_by_decision ON training_rows (decided_at);
