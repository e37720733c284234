// What a view tells the shell. See docs/develop/add-a-view.md.
import type { ComponentType } from "preact";
import type { IconName } from "./icons";
import type { Texts } from "./i18n";

export type Group = "watch" | "guests" | "plan" | "set_up" | "system";
export const GROUPS: Group[] = ["watch", "guests", "plan", "set_up", "system"];

/** `parts`: what follows the view's path, such as ["01J…"] of /orders/01J…. */
export interface PageProps {
  parts: string[];
}

export interface View {
  path: string; // one step below /console, such as /orders
  title: Texts<string>;
  icon: IconName;
  group: Group;
  order: number; // among the views of its group; 10, 20, …
  right: string | null; // a person without it sees neither link nor page; null: everyone
  load: () => Promise<{ default: ComponentType<PageProps> }>;
}

export interface NamedView extends View {
  name: string; // of its folder
}

export const defineView = (view: View): View => view;
