/** What a sandboxed platform knows; accounts that nobody has set take any password. */
export interface PlatformAccounts {
  /** Replaces all that are set; an account is `{password}`, with `twoFactor` where a code would be asked for. */
  set: (accounts: Readonly<Record<string, Account>>) => void;
  /** Replaces all tokens; the login that each signs in. */
  setTokens: (logins: Readonly<Record<string, string>>) => void;
  signIn: (login: string, password: string) => { session: string; twoFactor: boolean } | undefined;
  signInByToken: (token: string) => string | undefined;
  createToken: (session: string) => { id: number; key: string } | undefined;
  deleteTokens: (session: string, ids: readonly string[]) => boolean;
  loginOf: (session: string) => string | undefined;
  signOut: (session: string) => void;
  endSessions: () => void;
  endTokens: () => void;
}

export interface Account {
  password: string;
  twoFactor?: boolean | undefined;
}

export function platformAccounts(newKey: () => string): PlatformAccounts {
  let known = new Map<string, Account>();
  const sessions = new Map<string, string>();
  let tokens = new Map<string, { id: number; login: string }>();
  let lastId = 0;

  const begin = (login: string): string => {
    const session = newKey();
    sessions.set(session, login);
    return session;
  };
  return {
    set: (accounts) => void (known = new Map(Object.entries(accounts))),
    setTokens: (logins) => {
      tokens = new Map(Object.entries(logins).map(([key, login]) => [key, { id: (lastId += 1), login }]));
    },
    signIn: (login, password) => {
      const account = known.get(login);
      if (known.size > 0 && account?.password !== password) return undefined;
      return { session: begin(login), twoFactor: account?.twoFactor ?? false };
    },
    signInByToken: (token) => {
      const login = tokens.get(token)?.login;
      return login === undefined ? undefined : begin(login);
    },
    createToken: (session) => {
      const login = sessions.get(session);
      if (login === undefined) return undefined;
      const token = { id: (lastId += 1), key: newKey() };
      tokens.set(token.key, { id: token.id, login });
      return token;
    },
    deleteTokens: (session, ids) => {
      const login = sessions.get(session);
      if (login === undefined) return false;
      for (const [key, token] of tokens) {
        if (token.login === login && ids.includes(String(token.id))) tokens.delete(key);
      }
      return true;
    },
    loginOf: (session) => sessions.get(session),
    signOut: (session) => void sessions.delete(session),
    endSessions: () => {
      sessions.clear();
    },
    endTokens: () => {
      tokens.clear();
    },
  };
}
