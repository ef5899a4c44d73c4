/* Challenges and credentials (RFC 3261 22). */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_values.h"

enum { TRIES_READ_MAX = 64 };

static bool is_challenge(unsigned status)
{
  return status == 401 || status == 407;
}

static SipHeader credentials_header(const Message *response)
{
  return response->status == 407 ? SIP_HEADER_PROXY_AUTHORIZATION : SIP_HEADER_AUTHORIZATION;
}

static SipHeader challenge_header(const Message *response)
{
  return response->status == 407 ? SIP_HEADER_PROXY_AUTHENTICATE : SIP_HEADER_WWW_AUTHENTICATE;
}

/* A parameter of credentials or of a challenge, without quotes; absent if there is none. */
static Slice auth_param(const CallCase *c, Slice value, Slice name)
{
  SipParam param;

  sip_take_token(&value); /* "Digest" */
  while (sip_auth_param_next(&value, &param))
    if (slice_eq_nocase(param.name, name))
      return sip_unquote(c->arena, slice_trim(param.value));
  return SLICE_NONE;
}

/* The row of that header field with the realm, or any if it is absent. */
static bool find_row(const CallCase *c, const SipMsg *sip, SipHeader header, Slice realm,
                     SipHeaderRow *ret_row)
{
  SipHeaderIter rows = sip_header_iter(sip);
  SipHeaderRow row;

  while (sip_header_next(&rows, &row))
    if (row.header == header &&
        (!realm.data || slice_eq(auth_param(c, row.value, SLICE("realm")), realm))) {
      *ret_row = row;
      return true;
    }
  return false;
}

/* The credentials that were sent for one of the challenges, or of a 403 any. */
static bool find_credentials(CallCase *c, const CaseTransaction *ct, SipHeaderRow *ret_credentials,
                             SipHeaderRow *ret_challenge)
{
  const SipMsg *request = call_case_load(c, ct->request), *response = call_case_load(c, ct->final);
  SipHeaderRow challenge;

  if (!request || !response)
    return false;
  if (!is_challenge(ct->final->status))
    return find_row(c, request, SIP_HEADER_AUTHORIZATION, SLICE_NONE, ret_credentials) ||
           find_row(c, request, SIP_HEADER_PROXY_AUTHORIZATION, SLICE_NONE, ret_credentials);
  SipHeaderIter rows = sip_header_iter(response);
  while (sip_header_next(&rows, &challenge)) {
    if (challenge.header != challenge_header(ct->final))
      continue;
    Slice realm = auth_param(c, challenge.value, SLICE("realm"));
    if (find_row(c, request, credentials_header(ct->final), realm, ret_credentials)) {
      *ret_challenge = challenge;
      return true;
    }
  }
  return false;
}

static bool is_stale(const CallCase *c, const SipHeaderRow *challenge)
{
  return slice_eq_nocase(auth_param(c, challenge->value, SLICE("stale")), SLICE("true"));
}

/* How often the client of `ct` was refused there with credentials. */
static uint32_t count_refusals(CallCase *c, const CaseTransaction *ct)
{
  uint32_t count = 0;
  unsigned read = 0;

  for (const CaseTransaction *try = ct; try >= c->transactions && read < TRIES_READ_MAX; try--) {
    SipHeaderRow credentials, challenge = {0};
    if (!try->request || !try->final || try->transaction->method != ct->transaction->method ||
        try->request->src != ct->request->src || try->request->dst != ct->request->dst)
      continue;
    read++;
    bool is_refused = is_challenge(try->final->status) || try->final->status == 403;
    if (is_refused && find_credentials(c, try, &credentials, &challenge))
      count++;
  }
  return count;
}

/* What the passwords that the user gave say of them. */
static const char *say_check(CallCase *c, const CaseTransaction *ct, Slice credentials)
{
  static const char *const TEXTS[] = {
    [DIGEST_NOT_CHECKED] = "",
    [DIGEST_UNREADABLE] = N_("; they cannot be checked with the password file"),
    [DIGEST_NO_USER] = N_("; the password file does not list the user for this realm"),
    [DIGEST_RIGHT] = N_("; they were made with the password of the password file"),
    [DIGEST_WRONG] = N_("; the password does not match that of the password file"),
    [DIGEST_WRONG_OR_BODY] =
      N_("; the password does not match that of the password file, or the body was changed"),
  };
  const SipMsg *request = call_case_load(c, ct->request);

  return request ? _(TEXTS[verifier_check_digest(trace_verifier(c->trace), request, credentials)])
                 : "";
}

static void add_failed(CallCase *c, const CaseTransaction *ct, const SipHeaderRow *credentials,
                       FindingList *list)
{
  Slice user = auth_param(c, credentials->value, SLICE("username"));
  Slice realm = auth_param(c, credentials->value, SLICE("realm"));
  uint32_t count = count_refusals(c, ct);
  Finding *finding =
    finding_add(list, FINDING_AUTH_FAILED,
                "%s refused the credentials of user \"%s\" in realm \"%s\"%s: %s%s%s",
                say_endpoint(c, ct->final->src), say_text(c, user), say_text(c, realm),
                count > 1 ? say(c, " %u times", count) : "", say_status(c, ct->final),
                say_details(c, ct->final), say_check(c, ct, credentials->value));

  call_case_prove(finding, ct->request);
  call_case_prove(finding, ct->final);
  call_case_blame(c, finding, ct->final->src, ct->final->status);
  if (finding)
    finding->decided = true;
}

static void add_not_answered(CallCase *c, const CaseTransaction *ct, FindingList *list)
{
  const SipMsg *response = call_case_load(c, ct->final);
  SipHeaderRow challenge;
  Slice realm = SLICE_NONE;

  if (response && find_row(c, response, challenge_header(ct->final), SLICE_NONE, &challenge))
    realm = auth_param(c, challenge.value, SLICE("realm"));
  Finding *finding =
    finding_add(list, FINDING_AUTH_NOT_ANSWERED,
                "%s asked %s for credentials in realm \"%s\", and the %s was not tried again: %s",
                say_endpoint(c, ct->final->src), say_endpoint(c, ct->final->dst),
                say_text(c, realm), say_method(c, ct->final), say_status(c, ct->final));
  call_case_prove(finding, ct->request);
  call_case_prove(finding, ct->final);
  call_case_blame(c, finding, ct->final->src, ct->final->status);
  if (finding)
    finding->decided = true;
  call_case_weaken(c, finding);
}

/* The decided response is that of the last attempt: nothing was tried again in this call. */
bool auth_findings_explain(CallCase *c, const CaseTransaction *ct, FindingList *list)
{
  unsigned status = ct->final->status;
  SipHeaderRow credentials, challenge = {0};

  if (!ct->request || (!is_challenge(status) && status != 403))
    return false;
  bool has_credentials = find_credentials(c, ct, &credentials, &challenge);
  if (has_credentials && !(is_challenge(status) && is_stale(c, &challenge))) {
    add_failed(c, ct, &credentials, list);
    return true;
  }
  int64_t final_ns = ct->final->time_ns;
  if (!is_challenge(status) || c->now_ns - final_ns < TIMEOUT_NS ||
      capture_index_calls_again(c->index, c->call, final_ns, final_ns + TIMEOUT_NS))
    return false;
  add_not_answered(c, ct, list);
  return true;
}
