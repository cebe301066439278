-- Nodes ask every two seconds which visits ended, so that what they remember of them is forgotten.
CREATE INDEX visits_by_end ON visits (ended_at);
