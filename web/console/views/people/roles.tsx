// Roles of a person, each with the place in which it holds.
import type { JSX } from "preact";
import { Lines, SelectField, chain, useApi, useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

export interface Role {
  role: string;
  level: "chain" | "region" | "store";
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
const LEVELS: Record<string, Role["level"][]> = {
  head_office: ["chain"], region: ["region"], store_manager: ["store"], marketing: ["chain"], operator: ["chain", "region", "store"],
  service_desk: ["chain", "region", "store"], packer: ["store"], courier: ["region", "store"],
};

export const roleText = ({ role, level, scope }: Role, t: typeof en): string =>
  `${(t.roleNames as Record<string, string>)[role] ?? role} · ${level === "chain" ? t.ofChain : scope}`;

interface Store {
  id: string;
  settings: { name: string; region: string };
}

export function Roles({ roles, onChange }: { roles: Role[]; onChange: (roles: Role[]) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const stores = useApi<{ stores: Store[] }>("/v1/stores", { chain: chain.value, limit: 200 }, { every: 0 });
  return (
    <fieldset class="part">
      <legend>{t.roles}</legend>
      <p class="soft">{t.rolesHint}</p>
      <Lines rows={roles} onChange={onChange} fresh={(): Role => ({ role: "store_manager", level: "store", scope: "" })} add={t.addRole}>
        {(role, change) => <RoleFields role={role} change={change} stores={stores.data?.stores ?? []} />}
      </Lines>
    </fieldset>
  );
}

function RoleFields({ role, change, stores }: { role: Role; change: (role: Role) => void; stores: Store[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const places = (LEVELS[role.role] ?? []).flatMap((level) => placesOf(level, stores, t));
  const chosen = `${role.level}:${role.scope}`;
  const known = places.some(({ value }) => value === chosen) ? places : [{ value: chosen, label: role.scope || "–" }, ...places];
  const setRole = (name: string) => {
    const [first] = (LEVELS[name] ?? []).flatMap((level) => placesOf(level, stores, t));
    const [level = "chain", scope = chain.value] = (first?.value ?? "").split(":");
    change({ role: name, level: level as Role["level"], scope });
  };
  const setPlace = (value: string) => {
    const [level = "chain", scope = ""] = value.split(":");
    change({ ...role, level: level as Role["level"], scope });
  };
  return (
    <>
      <SelectField label={t.role} value={role.role} onChange={setRole} options={Object.entries(t.roleNames).filter(([value]) => value in LEVELS || value === role.role).map(([value, label]) => ({ value, label }))} />
      <SelectField label={t.place} value={chosen} onChange={setPlace} options={known} />
    </>
  );
}

function placesOf(level: Role["level"], stores: Store[], t: typeof en): { value: string; label: string }[] {
  if (level === "chain") return [{ value: `chain:${chain.value}`, label: t.ofChain }];
  if (level === "store") return stores.map(({ id, settings }) => ({ value: `store:${id}`, label: settings.name }));
  return [...new Set(stores.map(({ settings }) => settings.region))].sort().map((region) => ({ value: `region:${region}`, label: `${t.levels.region} ${region}` }));
}
