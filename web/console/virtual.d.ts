// Made by web/build.mjs from the folders of views/.
declare module "virtual:views" {
  import type { NamedView } from "./kit/view";
  export const VIEWS: NamedView[];
}
