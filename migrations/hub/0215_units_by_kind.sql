-- Pages that tell figures by city or county pick some hundred places out of a province's units and departments.
CREATE INDEX units_by_kind ON units (kind, code);
