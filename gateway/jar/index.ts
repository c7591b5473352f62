/** The upstream's cookies of an act-as session, on our side of the wire. */
export { openJar, type CookieJar } from './cookie-jar.ts';
export { createSessionJars, type SessionJars, type SessionJarsDeps } from './session-jars.ts';
