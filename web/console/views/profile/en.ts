export default {
  title: "Your account",
  about: "About you",
  name: "Name",
  email: "Email address",
  roles: "Roles",
  role: (role: string, scope: string) => `${role} of ${scope}`,
  roleNames: { head_office: "Head office", region: "Regional manager", store_manager: "Store manager", marketing: "Marketing", operator: "Operator" } as Record<string, string>,
  look: "Language and look",
  language: "Language",
  theme: "Appearance",
  themes: { device: "As the device", light: "Light", dark: "Dark" },
  signOut: "Sign out",
};
