// What a manifest of SCORM 2004 says of the order of its parts (IMS Simple Sequencing with ADL's additions), as the runtime takes it.

export interface Activity {
  id: string;
  title: string;
  isVisible?: boolean;
  children?: Activity[];
  [setting: string]: unknown;
}

type Settings = Record<string, unknown>;

const children = (node: Element | undefined, name: string): Element[] => [...(node?.children ?? [])].filter((c) => c.localName === name);
const child = (node: Element | undefined, name: string): Element | undefined => children(node, name)[0];
const text = (node: Element | undefined): string => (node?.textContent ?? "").trim();

/** Only what is written: everything else is the runtime's default, which is the standard's. */
function said(values: Settings): Settings {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined && v !== "" && !(Array.isArray(v) && v.length === 0)));
}

function flags(node: Element | undefined, names: string[]): Settings {
  return said(Object.fromEntries(names.map((name) => [name, node?.hasAttribute(name) ? node.getAttribute(name) === "true" : undefined])));
}

function words(node: Element | undefined, names: string[]): Settings {
  return said(Object.fromEntries(names.map((name) => [name, node?.getAttribute(name)?.trim()])));
}

function number(text: string | null | undefined): number | undefined {
  return text?.trim() && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** The parts of a sequencing: its own, else those of the collection that it names. */
type Parts = (name: string) => Element | undefined;

function conditions(box: Element | undefined, name: string): Settings[] {
  return children(box, name).map((c) => {
    const threshold = number(c.getAttribute("measureThreshold"));
    const negated = c.getAttribute("operator") === "not" ? "not" : undefined;
    return said({ ...words(c, ["condition", "referencedObjective"]), operator: negated, parameters: threshold === undefined ? undefined : { threshold } });
  });
}

function rules(parts: Parts): Settings {
  const box = parts("sequencingRules");
  const of = (name: string): Settings[] =>
    children(box, name).map((rule) => {
      const all = child(rule, "ruleConditions");
      return { action: child(rule, "ruleAction")?.getAttribute("action"), conditionCombination: all?.getAttribute("conditionCombination") ?? "all", conditions: conditions(all, "ruleCondition") };
    });
  return said({ preConditionRules: of("preConditionRule"), exitConditionRules: of("exitConditionRule"), postConditionRules: of("postConditionRule") });
}

function rollup(parts: Parts): Settings[] {
  return children(parts("rollupRules"), "rollupRule").map((rule) => {
    const all = child(rule, "rollupConditions");
    return said({
      action: child(rule, "rollupAction")?.getAttribute("action"),
      consideration: rule.getAttribute("childActivitySet") ?? "all",
      minimumCount: number(rule.getAttribute("minimumCount")),
      minimumPercent: number(rule.getAttribute("minimumPercent")),
      conditionCombination: all?.getAttribute("conditionCombination") ?? "any",
      conditions: conditions(all, "rollupCondition"),
    });
  });
}

function objective(node: Element): Settings {
  const maps = children(node, "mapInfo").map((map) => ({
    ...words(map, ["targetObjectiveID"]),
    // What is read and written where a map says nothing of it (SN 3.10.3).
    readSatisfiedStatus: true, readNormalizedMeasure: true,
    ...flags(map, ["readSatisfiedStatus", "readNormalizedMeasure", "writeSatisfiedStatus", "writeNormalizedMeasure"]),
  }));
  return said({ ...words(node, ["objectiveID"]), ...flags(node, ["satisfiedByMeasure"]), minNormalizedMeasure: number(text(child(node, "minNormalizedMeasure"))), mapInfo: maps });
}

function controls(parts: Parts): Settings {
  const random = parts("randomizationControls");
  return said({
    ...flags(parts("controlMode"), ["choice", "choiceExit", "flow", "forwardOnly", "useCurrentAttemptObjectiveInfo", "useCurrentAttemptProgressInfo"]),
    ...flags(parts("constrainedChoiceConsiderations"), ["preventActivation", "constrainChoice"]),
    ...flags(parts("rollupRules"), ["rollupObjectiveSatisfied", "rollupProgressCompletion"]),
    objectiveMeasureWeight: number(parts("rollupRules")?.getAttribute("objectiveMeasureWeight")),
    ...words(random, ["randomizationTiming", "selectionTiming"]),
    selectCount: number(random?.getAttribute("selectCount")),
    randomizeChildren: random?.getAttribute("reorderChildren") === "true" ? true : undefined,
  });
}

function settings(parts: Parts): Settings {
  const limits = parts("limitConditions");
  const objectives = parts("objectives");
  const primary = child(objectives, "primaryObjective");
  const considerations = parts("rollupConsiderations");
  const ordered = rules(parts);
  const rolled = rollup(parts);
  return said({
    sequencingControls: controls(parts),
    sequencingRules: Object.keys(ordered).length > 0 ? ordered : undefined,
    rollupRules: rolled.length > 0 ? { rules: rolled } : undefined,
    attemptLimit: number(limits?.getAttribute("attemptLimit")),
    ...words(limits, ["attemptAbsoluteDurationLimit"]),
    primaryObjective: primary ? objective(primary) : undefined,
    objectives: children(objectives, "objective").map(objective),
    deliveryControls: flags(parts("deliveryControls"), ["tracked", "completionSetByContent", "objectiveSetByContent"]),
    rollupConsiderations: considerations
      ? { ...words(considerations, ["requiredForSatisfied", "requiredForNotSatisfied", "requiredForCompleted", "requiredForIncomplete"]), ...flags(considerations, ["measureSatisfactionIfActive"]) }
      : undefined,
  });
}

function threshold(node: Element): Settings | undefined {
  const found = child(node, "completionThreshold");
  if (!found) return undefined;
  const value = (name: string): number | undefined => number(found.getAttribute(name));
  return said({ ...flags(found, ["completedByMeasure"]), minProgressMeasure: value("minProgressMeasure"), progressWeight: value("progressWeight") });
}

/** The default organization as a tree of activities; none where the manifest is no such. */
export function activities(manifest: Document): Activity | null {
  const root = manifest.documentElement;
  const all = child(root, "organizations");
  const organizations = children(all, "organization");
  const organization = organizations.find((o) => o.getAttribute("identifier") === all?.getAttribute("default")) ?? organizations[0];
  if (!organization) return null;
  const collection = children(child(root, "sequencingCollection"), "sequencing");
  const one = (node: Element, place: string): Activity => {
    const own = child(node, "sequencing");
    const named = collection.find((s) => s.getAttribute("ID") === own?.getAttribute("IDRef"));
    const parts: Parts = (name) => child(own, name) ?? child(named, name);
    const hidden = children(child(child(node, "presentation"), "navigationInterface"), "hideLMSUI").map(text);
    return {
      id: node.getAttribute("identifier") ?? place,
      title: text(child(node, "title")),
      ...(node.getAttribute("isvisible") === "false" ? { isVisible: false } : {}),
      ...settings(parts),
      ...said({ completionThreshold: threshold(node), hideLmsUi: hidden }),
      ...said({ children: children(node, "item").map((item, n) => one(item, `${place}-${n}`)) }),
    };
  };
  return one(organization, "o");
}
