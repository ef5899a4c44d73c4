/* PASSporTs in Identity (RFC 8224): identity-invalid, identity-checked. */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/passport.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

enum {
  REQUESTS_MAX = 8, /* hops of a call whose Identity is read */
  SEEN_MAX = 8,     /* values that are judged once, on the first hop that has them */
  FRESH_S = 60,     /* RFC 8224 6.2.2: how far iat and Date may be apart */
};

typedef struct {
  CallCase *c;
  FindingList *list;
  const Message *message;
  const SipMsg *sip;
} Judged;

static Finding *add_invalid(const Judged *judged, const char *why)
{
  CallCase *c = judged->c;
  Finding *finding = finding_add(judged->list, FINDING_IDENTITY_INVALID, "%s sent an Identity %s",
                                 say_endpoint(c, judged->message->src), why);

  call_case_prove(finding, judged->message);
  call_case_blame(c, finding, judged->message->src, 0);
  return finding;
}

/* "attest A, from 15551234567" */
static const char *say_passport(const CallCase *c, const Passport *passport)
{
  if (passport->attest.len > 0)
    return say(c, "attest %s, from %s", say_text(c, passport->attest), say_text(c, passport->orig));
  return say(c, "from %s", say_text(c, passport->orig));
}

static void add_checked(const Judged *judged, const Passport *passport, const char *result)
{
  CallCase *c = judged->c;
  Finding *finding =
    finding_add(judged->list, FINDING_IDENTITY_CHECKED, "the Identity of %s (%s) %s",
                say_endpoint(c, judged->message->src), say_passport(c, passport), result);

  call_case_prove(finding, judged->message);
}

static void judge_signature(const Judged *judged, const Passport *passport)
{
  CallCase *c = judged->c;
  SignatureVerdict verdict = verifier_check_passport(trace_verifier(c->trace), passport);
  const char *what = say_passport(c, passport);

  switch (verdict.state) {
  case SIGNATURE_NOT_CHECKED:
  case SIGNATURE_UNREADABLE:
    break;
  case SIGNATURE_INVALID:
    if (verdict.is_guessed)
      add_checked(judged, passport,
                  say(c, "has a signature that is not of the key of %s; x5u may mean another one",
                      verdict.certificate));
    else
      add_invalid(
        judged, say(c, "(%s) whose signature is not of the key of %s", what, verdict.certificate));
    break;
  case SIGNATURE_EXPIRED:
    add_invalid(judged, say(c, "(%s) signed at a time when the certificate of %s was not valid",
                            what, verdict.certificate));
    break;
  case SIGNATURE_VALID:
    add_checked(judged, passport, say(c, "has a valid signature of %s", verdict.certificate));
    break;
  case SIGNATURE_NO_CERTIFICATE:
    add_checked(judged, passport,
                _("could not be checked: no certificate given made its signature"));
    break;
  }
}

/* The sender's own clock, not that of the capture. */
static void judge_time(const Judged *judged, const Passport *passport)
{
  SipHeaderRow date;
  int64_t date_s;

  if (!passport->has_iat || !sip_msg_find(judged->sip, SIP_HEADER_DATE, &date) ||
      !sip_date_parse(date.value, &date_s) || ABS(passport->iat_s - date_s) <= FRESH_S)
    return;
  int64_t apart_s = MIN(ABS(passport->iat_s - date_s), INT64_MAX / SECOND_NS);
  add_invalid(judged, say(judged->c,
                          passport->iat_s < date_s
                            ? N_("that was made %s before its Date: more than 60 s are refused")
                            : N_("that was made %s after its Date: more than 60 s are refused"),
                          say_span(judged->c, apart_s * SECOND_NS)));
}

/* The numbers of From and P-Asserted-Identity: is one of them signed?  True if there are none. */
static bool is_caller(const Judged *judged, Slice orig)
{
  Arena *arena = judged->c->arena;
  Slice from = passport_number(arena, sip_uri_user(sip_addr_parse(judged->sip->from).uri));
  SipHeaderIter rows = sip_header_iter(judged->sip);
  bool has_number = from.data != NULL;
  SipHeaderRow row;

  if (slice_eq(from, orig))
    return true;
  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    Slice value;
    while (row.header == SIP_HEADER_P_ASSERTED_IDENTITY && sip_list_next(&values, &value)) {
      Slice number = passport_number(arena, sip_uri_user(sip_addr_parse(value).uri));
      has_number |= number.data != NULL;
      if (slice_eq(number, orig))
        return true;
    }
  }
  return !has_number;
}

/* RFC 8224 6.2 step 4. */
static void judge_caller(const Judged *judged, const Passport *passport)
{
  Slice orig = passport_number(judged->c->arena, passport->orig);

  if (orig.data && !is_caller(judged, orig))
    add_invalid(judged, say(judged->c,
                            "for %s, which is neither in From nor in "
                            "P-Asserted-Identity",
                            say_text(judged->c, passport->orig)));
}

/* What the compact form leaves out can be missing for reasons of our own. */
static void judge(const Judged *judged, const Passport *passport)
{
  if (passport->fault && !passport->is_compact)
    add_invalid(judged, say(judged->c, "that cannot be read: %s", _(passport->fault)));
  if (passport->fault)
    return;
  judge_signature(judged, passport);
  judge_time(judged, passport);
  judge_caller(judged, passport);
}

static bool was_seen(Slice seen[SEEN_MAX], size_t *count, Slice value)
{
  for (size_t i = 0; i < *count; i++)
    if (slice_eq(seen[i], value))
      return true;
  if (*count < SEEN_MAX)
    seen[(*count)++] = value;
  return false;
}

void identity_findings_add(CallCase *c, FindingList *list)
{
  Slice seen[SEEN_MAX], values[PASSPORTS_MAX];
  unsigned read = 0;
  size_t seen_count = 0;

  for (size_t i = 0; i < c->transaction_count && read < REQUESTS_MAX; i++) {
    const Message *request = c->transactions[i].request;
    if (!request || (request->method != SIP_METHOD_INVITE && request->method != SIP_METHOD_MESSAGE))
      continue;
    read++;
    const SipMsg *sip = call_case_load_saying(c, request, MESSAGE_SAYS_IDENTITY);
    size_t count = sip ? passport_values(sip, values) : 0;
    const Judged judged = {c, list, request, sip};
    for (size_t k = 0; k < count && seen_count < SEEN_MAX; k++) {
      Passport passport;
      if (was_seen(seen, &seen_count, values[k]))
        continue;
      passport_parse(c->arena, sip, values[k], &passport);
      judge(&judged, &passport);
    }
  }
}
