/** The people a policy talks about: who is at the keyboard (actor) and whose seat is taken (subject). */
export type Person = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly market: string | null;
  readonly active: boolean;
  /** The app has suspended or blocked them, whatever else they are; absent where it says no such thing. */
  readonly blocked?: true;
  /** Id of the staff member a subject is assigned to, where the app has such a thing. */
  readonly assignedTo: string | null;
  readonly claims: Readonly<Record<string, unknown>>;
};
