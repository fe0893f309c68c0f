import { Struct, Value } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Props } from "../../core/call.js";

/**
 * What marks an object as a value that is more than JSON, and what marks it as a secret.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
 */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The properties in a message of the engine. Secrets come plain from it, but for those of a provider's configuration. */
export function fromStruct(struct: Struct | undefined): Props {
  const fields = struct?.getFieldsMap();
  if (fields === undefined) return {};
  const entries = fields.toObject(false, (_, value) => value);
  const lost = hasLostName(fields) ? ([[PROTO, fields.get(PROTO)]] as typeof entries) : [];
  return Object.fromEntries([...entries, ...lost].map(([name, value]) => [name, fromValue(value)]));
}

const PROTO = "__proto__";

/**
 * Whether a message has a property called `__proto__`. google-protobuf keeps entries as properties of an object, where
 * this one becomes the object's prototype and is not among the entries. Without it, `get` would change all objects.
 */
function hasLostName(fields: object): boolean {
  return Object.values(fields).some(
    (part) =>
      typeof part === "object" && !Array.isArray(part) && Object.getPrototypeOf(part) !== Object.prototype,
  );
}

function fromValue(value: Value): unknown {
  switch (value.getKindCase()) {
    case Value.KindCase.STRUCT_VALUE: {
      const props = fromStruct(value.getStructValue());
      return props[SIGNATURE] === SECRET ? props["value"] : props;
    }
    case Value.KindCase.LIST_VALUE:
      return value.getListValue()?.getValuesList().map(fromValue) ?? [];
    default:
      return value.toJavaScript();
  }
}

/**
 * Properties as the engine is told them. One that is undefined is left out.
 *
 * @param secrets the properties that the engine is to treat as secrets, whatever the program says of them
 */
export function toStruct(props: object, secrets: readonly string[] = []): Struct {
  const entries = Object.entries(props).filter(([, value]) => value !== undefined);
  const marked = entries.map(([name, value]): [string, unknown] => [
    name,
    secrets.includes(name) ? { [SIGNATURE]: SECRET, value } : value,
  ]);
  return Struct.fromJavaScript(Object.fromEntries(marked) as Parameters<typeof Struct.fromJavaScript>[0]);
}
