import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInviting, accept, problemOf, type Inviting } from './inviting.ts';
import { call, logIn, mailTo, newPerson, password, register, startLogin, tokenIn } from './journey.ts';

let inviting: Inviting;
let stack: Inviting['stack'];
let owner: Inviting['owner'];
let ownerGrant: Inviting['ownerGrant'];
let newAddress: Inviting['newAddress'];
let teamPath: Inviting['teamPath'];
let invite: Inviting['invite'];
let invited: Inviting['invited'];
let linkTo: Inviting['linkTo'];

beforeAll(async () => {
  inviting = await startInviting();
  ({ stack, owner, ownerGrant, newAddress, teamPath, invite, invited, linkTo } = inviting);
});
afterAll(() => inviting.stop());

describe('a new person', () => {
  it('joins with the link, and logs in from the same device without a code', async () => {
    const email = newAddress();
    const { invitationId } = await invited(email, 'Manager');
    const mail = await mailTo(owner, email, 'invitation');
    expect(mail.Subject).toContain('Bridge Works');
    expect(mail.TextBody).toContain('Ada Example');
    expect(mail.TextBody).toContain('Manager');
    expect(mail.TextBody).toContain(`${stack.publicUrl}/invitations?token=`);
    const token = tokenIn(mail);

    const preview = await call(stack.client(), 'GET', `/v1/invitations/${token}`);
    expect(preview.body).toMatchObject({
      team: { name: 'Bridge Works' },
      role: { name: 'Manager' },
      inviter: { name: 'Ada Example' },
      email: 'g***@example.com',
      hasAccount: false,
    });

    const guest = stack.client();
    const accepted = await accept(guest, token);
    expect(accepted.status, JSON.stringify(accepted.body)).toBe(200);
    expect(accepted.body).toMatchObject({ team: { name: 'Bridge Works' }, role: { name: 'Manager' } });
    expect(guest.deviceToken).toBeDefined();

    const step = await startLogin(guest, email);
    expect(step.body).toMatchObject({ status: 'team-selection-required', teams: [{ name: 'Bridge Works' }] });
    const grant = await logIn(guest, email);
    const me = await call(guest, 'GET', '/v1/session', { bearer: grant.accessToken });
    expect(me.body).toMatchObject({ user: { name: 'Bob Guest', email }, role: { name: 'Manager' } });

    expect(problemOf(await accept(stack.client(), token))).toBe('invitation-used');
    expect((await accept(stack.client(), token)).status).toBe(409);
    const list = await call(owner, 'GET', teamPath(), {
      bearer: ownerGrant.accessToken,
      headers: { 'read-after': accepted.headers.get('event-position') ?? '' },
    });
    expect(list.body['items']).toContainEqual(expect.objectContaining({ invitationId, email, status: 'accepted' }));
  });

  it('is told what is missing, and why a password will not do', async () => {
    const email = newAddress();
    await invited(email);
    const token = await linkTo(email);
    const nothing = await accept(stack.client(), token, {});
    expect(problemOf(nothing)).toBe('invalid-request');
    expect(nothing.body['errors']).toHaveLength(2);
    expect(problemOf(await accept(stack.client(), token, { name: 'Bob', password: 'Bridge Works' }))).toBe(
      'password-not-acceptable',
    );
    expect((await accept(stack.client(), token)).status).toBe(200);
  });

  it('joins by the page, which uses nothing up when it is opened', async () => {
    const email = newAddress();
    await invited(email);
    const token = await linkTo(email);
    for (let times = 0; times < 2; times++) {
      const page = await call(stack.client(), 'GET', `/invitations?token=${token}&utm_source=mail`);
      expect(page.status).toBe(200);
      expect(page.body['text']).toContain('g***@example.com');
      expect(page.body['text']).not.toContain(email);
      expect(page.body['text']).toContain('name="password"');
    }
    const form = new URLSearchParams({ token, name: 'Bob', password });
    const sent = await fetch(`${stack.apiUrl}/invitations`, { method: 'POST', body: form });
    expect(sent.status).toBe(200);
    expect(await sent.text()).toContain('You have joined Bridge Works');
    const again = await fetch(`${stack.apiUrl}/invitations?token=${token}`);
    expect(again.status).toBe(409);
    expect(await again.text()).toContain('This invitation has been used');
  });

  it('takes an address over that somebody else has registered and not verified', async () => {
    const email = newAddress();
    const stranger = stack.client();
    await register(stranger, email);
    const verification = tokenIn(await mailTo(stranger, email, 'verification'));
    await invited(email);
    expect(
      (await accept(stack.client(), await linkTo(email), { name: 'Bob', password: `${password} mine` })).status,
    ).toBe(200);

    const late = await call(stranger, 'POST', '/v1/registrations/verify', { body: { token: verification } });
    expect(problemOf(late)).toBe('verification-token-invalid');
    expect(problemOf(await startLogin(stranger, email))).toBe('invalid-credentials');
    expect((await startLogin(stranger, email, { password: `${password} mine` })).status).toBe(200);
  });
});

describe('a person with an account', () => {
  it('signs in, and joins by the token alone; nobody else can', async () => {
    const email = newAddress();
    const known = stack.client();
    await newPerson(known, email);
    await invited(email);
    const token = await linkTo(email);
    expect(problemOf(await accept(stack.client(), token))).toBe('sign-in-to-accept');
    expect(problemOf(await accept(stack.client(), token, {}))).toBe('sign-in-to-accept');
    const page = await call(stack.client(), 'GET', `/invitations?token=${token}`);
    expect(page.body['text']).toContain('Sign in to accept');

    const other = stack.client();
    const otherEmail = newAddress();
    await newPerson(other, otherEmail);
    const stranger = await logIn(other, otherEmail);
    const refused = await accept(other, token, {}, stranger.accessToken);
    expect([refused.status, problemOf(refused)]).toEqual([403, 'invitation-for-another-address']);

    const grant = await logIn(known, email);
    expect(problemOf(await accept(known, token, { name: 'Bob', password }, grant.accessToken))).toBe('invalid-request');
    const accepted = await accept(known, token, {}, grant.accessToken);
    expect(accepted.status, JSON.stringify(accepted.body)).toBe(200);
    const step = await startLogin(known, email);
    expect(step.body['teams']).toHaveLength(2);

    await invited(email);
    const again = await accept(known, await linkTo(email, 2), {}, (await logIn(known, email)).accessToken);
    expect(problemOf(again)).toBe('already-member');
  });
});

describe('a link', () => {
  it('is refused with a problem of its own for each of its ends', async () => {
    const email = newAddress();
    const { invitationId } = await invited(email);
    const token = await linkTo(email);
    const bearer = ownerGrant.accessToken;
    const revoked = await call(owner, 'DELETE', `${teamPath()}/${String(invitationId)}`, { bearer });
    expect(revoked.status).toBe(204);
    const answer = await accept(stack.client(), token);
    expect([answer.status, problemOf(answer)]).toEqual([410, 'invitation-revoked']);
    expect((await call(stack.client(), 'GET', `/v1/invitations/${token}`)).status).toBe(410);
    expect(problemOf(await accept(stack.client(), `${token.slice(0, -4)}AAAA`))).toBe('invitation-token-invalid');
    expect((await startLogin(stack.client(), email)).status).toBe(401);

    await invited(email);
    const second = await linkTo(email, 2);
    expect(second).not.toBe(token);
    expect(problemOf(await accept(stack.client(), token))).toBe('invitation-revoked');
    expect((await accept(stack.client(), second)).status).toBe(200);
    const late = await call(owner, 'DELETE', `${teamPath()}/${String(invitationId)}`, { bearer });
    expect(problemOf(late)).toBe('invitation-used');
  });

  it('is replaced by inviting again, sent again as it is, and not more than three times an hour', async () => {
    const email = newAddress();
    const first = await invited(email);
    const token = await linkTo(email);
    const second = await invited(email, 'Manager');
    expect(second['invitationId']).toBe(first['invitationId']);
    const replaced = await linkTo(email, 2);
    const bearer = ownerGrant.accessToken;
    const resend = () => call(owner, 'POST', `${teamPath()}/${String(first['invitationId'])}/resend`, { bearer });
    expect((await resend()).status).toBe(202);
    expect(await linkTo(email, 3)).toBe(replaced);
    expect(replaced).not.toBe(token);
    for (const refused of [await resend(), await invite(email)]) {
      expect([refused.status, problemOf(refused)]).toEqual([429, 'too-many-attempts']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500);
    }
    const { body } = await accept(stack.client(), replaced);
    expect(body).toMatchObject({ role: { name: 'Manager' } });
  });
});
