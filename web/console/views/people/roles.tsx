// Roles of a person, each with the place in which it holds.
import type { JSX } from "preact";
import { Lines, PlaceField, SelectField, useTexts, wholeChain, type Level, type StoreNames } from "../../kit";
import en from "./en";
import zh from "./zh";

export interface Role {
  role: string;
  level: Level;
  scope: string;
}

export interface Person {
  id: string;
  email: string;
  name: string;
  language: string | null;
  roles: Role[];
  waits: boolean;
  disabled: boolean;
  created_at: string;
}

// The levels at which a role can be given in the console, as in shared/spine/roles.py.
const LEVELS: Record<string, Level[]> = {
  head_office: ["chain"], region: ["region"], store_manager: ["store"], marketing: ["chain"], operator: ["chain", "region", "store"],
  service_desk: ["chain", "region", "store"], packer: ["store"], courier: ["region", "store"],
};

export const roleText = ({ role, level, scope }: Role, t: typeof en, names: StoreNames): string =>
  `${(t.roleNames as Record<string, string>)[role] ?? role} · ${level === "chain" ? t.ofChain : level === "store" ? (names[scope] ?? scope) : t.ofRegion(scope)}`;

export function Roles({ roles, onChange }: { roles: Role[]; onChange: (roles: Role[]) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <fieldset class="part">
      <legend>{t.roles}</legend>
      <p class="soft">{t.rolesHint}</p>
      <Lines rows={roles} onChange={onChange} fresh={(): Role => ({ role: "store_manager", level: "store", scope: "" })} add={t.addRole}>
        {(role, change) => <RoleFields role={role} change={change} />}
      </Lines>
    </fieldset>
  );
}

function RoleFields({ role, change }: { role: Role; change: (role: Role) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const levels = LEVELS[role.role] ?? [role.level];
  const setRole = (name: string) => {
    const [level = "chain"] = LEVELS[name] ?? [];
    change({ role: name, ...(level === "chain" ? wholeChain() : { level, scope: level === role.level ? role.scope : "" }) });
  };
  return (
    <>
      <SelectField label={t.role} value={role.role} onChange={setRole} options={Object.entries(t.roleNames).filter(([value]) => value in LEVELS || value === role.role).map(([value, label]) => ({ value, label }))} />
      <PlaceField label={t.place} levels={levels} value={role} onChange={(place) => change({ ...role, ...place })} />
    </>
  );
}
