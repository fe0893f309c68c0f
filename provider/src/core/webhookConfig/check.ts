import { type Config, configIn, isConfigId } from "../api/schemas.js";
import { type Call, type Checked, type CheckFailure, isGiven, isKnown, type Props } from "../call.js";
import { conflictsOf, type Declaration } from "../declarations.js";
import { checkAccount } from "../inputs.js";
import type { Run, Wish } from "../run.js";
import { urlProblem, urlWarnings } from "../url.js";
import type { Inputs } from "./inputs.js";

/** @param news what the program passes; all but `Inputs` ends here and never reaches state */
export function check(run: Run, call: Call, olds: Partial<Inputs> | undefined, news: Props): Checked {
  const { accountId, failures } = checkAccount(run, news["accountId"]);
  const { url } = news;
  // Both protocols have null, and neither undefined.
  const inputs = { ...configIn(news as unknown as Config), url: url ?? null, accountId: accountId ?? null };
  const problem = isKnown(url) ? urlProblem(url) : undefined;
  if (problem !== undefined) failures.push({ property: "url", reason: problem });
  failures.push(...takeOverFailures(news));
  if (failures.length > 0 || typeof accountId !== "string" || !isKnown(accountId))
    return { inputs, failures };

  const { key, label } = call;
  const replaces = olds === undefined && run.declared.get(key)?.exists === true;
  const declaration: Declaration = {
    key,
    label,
    accountId,
    urls: typeof url === "string" && isKnown(url) ? [{ label, url }] : [],
    mustBeAlone: false,
    exists: olds !== undefined,
    isDiffDue: olds !== undefined,
  };
  run.declared.set(key, declaration);
  // What it stands for is to be deleted, and another one to be created.
  if (olds === undefined) run.owners.forget(call);
  run.wishes.set(key, wishOf(news, replaces));
  for (const { url } of declaration.urls) for (const warning of urlWarnings(url)) call.log.warn(warning);
  return { inputs, failures: conflictsOf(declaration, [...run.declared.values()], "url") };
}

/** @param replaces the configuration that it was to take over once may be the very one that it replaces */
function wishOf({ import: id, adoptExisting }: Props, replaces: boolean): Wish {
  return {
    ...(typeof id === "string" && isKnown(id) && !replaces ? { import: id } : {}),
    ...(adoptExisting === true ? { adopt: true } : {}),
  };
}

/** What is wrong with how the program asks to take something over: ignored, it would create a second endpoint. */
function takeOverFailures({ import: id, adoptExisting: adopt }: Props): CheckFailure[] {
  const failures = [];
  if (isGiven(id) && isKnown(id) && !isConfigId(id))
    failures.push({
      property: "",
      reason: `the option \`import\` is ${JSON.stringify(id)}: it must be a configuration's id, \`whc_\` and letters and digits`,
    });
  if (isGiven(adopt) && isKnown(adopt) && typeof adopt !== "boolean")
    failures.push({
      property: "adoptExisting",
      reason: `${JSON.stringify(adopt)} is neither true nor false`,
    });
  return failures;
}
