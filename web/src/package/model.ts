// What a part of a package finds when it is opened: what it left the last time, and what its manifest says.

/** What the page of contents says of a part. */
export type Facts = Record<string, string | undefined>;

/** A model as nested values or as a list of names; only what was said is in it. */
type Nested = { [name: string]: unknown };

export interface Runtime {
  loadFromFlattenedJSON(model: Record<string, string>, element: string): void;
}

function flat(model: Nested, path = ""): [string, string][] {
  return Object.entries(model).flatMap(([name, value]): [string, string][] => {
    if (value === "" || value === null || value === undefined) return [];
    if (typeof value === "object") return flat(value as Nested, `${path}${name}.`);
    return [[path + name, String(value)]];
  });
}

/** Of a list's entry the identifier comes first, then the type: what else it says is judged by these. */
function rank(name: string): string {
  const of = (part: string): string => (part === "id" ? "0" : part === "type" ? "1" : /^\d+$/.test(part) ? part.padStart(6, "0") : `2${part}`);
  return name.split(".").map(of).join(".");
}

function parsed(text: string | undefined): Nested | null {
  try {
    return text ? (JSON.parse(text) as Nested) : null;
  } catch {
    return null;
  }
}

function scorm12(facts: Facts, kept: Nested | null): Nested {
  const core = { ...((kept?.["core"] ?? {}) as Nested), student_id: facts["learner"], student_name: facts["name"] };
  return {
    ...kept,
    core: { ...core, entry: kept ? "resume" : "ab-initio", exit: "", session_time: "" },
    launch_data: facts["data"],
    student_data: { mastery_score: facts["mastery"] },
  };
}

function scorm2004(facts: Facts, kept: Nested | null): Nested {
  const objectives = kept?.["objectives"] as Nested | undefined;
  const known = (facts["objectives"] ?? "").split(" ").filter(Boolean);
  return {
    ...kept,
    learner_id: facts["learner"],
    learner_name: facts["name"],
    entry: kept ? "resume" : "ab-initio",
    exit: "",
    session_time: "",
    launch_data: facts["data"],
    scaled_passing_score: facts["mastery"],
    completion_threshold: facts["completion"],
    max_time_allowed: facts["longest"],
    time_limit_action: facts["atLimit"],
    objectives: objectives && Object.keys(objectives).length > 0 ? objectives : Object.fromEntries(known.map((id, n) => [n, { id }])),
  };
}

/** Hands a runtime its model. A value that it does not take is left out: the part is opened all the same. */
export function restore(api: Runtime, facts: Facts): void {
  const kept = parsed(facts["model"]);
  const model = facts["standard"] === "scorm12" ? scorm12(facts, kept) : scorm2004(facts, kept);
  const values = flat(model).sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
  for (const [name, value] of values) {
    try {
      api.loadFromFlattenedJSON({ [`cmi.${name}`]: value }, "");
    } catch {
      // An older version of the part may have left it.
    }
  }
}
