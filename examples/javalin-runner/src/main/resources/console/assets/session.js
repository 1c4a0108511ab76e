const KEPT_AS = "handoff.token";

/** Takes the token out of the address at once: it must not stay in the history or be copied with a link. */
export function takeTokenFromAddress() {
  const match = /^#(?:.*&)?token=([^&]+)/.exec(location.hash);
  if (!match) return false;
  let token;
  try {
    token = decodeURIComponent(match[1]).trim();
  } catch {
    token = match[1].trim(); // a stray percent sign: take it literally, the server decides
  }
  history.replaceState(null, "", location.pathname + location.search);
  keepToken(token);
  return true;
}

export const token = () => sessionStorage.getItem(KEPT_AS);
export const keepToken = (value) => sessionStorage.setItem(KEPT_AS, value);
export const dropToken = () => sessionStorage.removeItem(KEPT_AS);

/** A value kept for this tab only, so that a reload loses nothing and another agent in another tab sees nothing. */
export function kept(key, fallback) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function keep(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // storage is full: the page goes on with what it has in memory
  }
}
