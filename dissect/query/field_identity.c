/* Getters of identity.*, of the PASSporTs of a message, and auth.*, of its credentials. */
#include "dissect/query/field_private.h"

#include "dissect/sip/passport.h"
#include "dissect/sip/sip_values.h"

/* --- PASSporTs: one value for each, in the order of Identity ---------------------------------- */

typedef void (*AddPart)(FieldContext *context, const Passport *passport, FieldList *list);

static void collect(FieldContext *context, AddPart add, FieldList *list)
{
  const SipMsg *sip = field_load_subject(context);
  Slice values[PASSPORTS_MAX];
  Passport passport;

  if (!sip)
    return;
  size_t count = passport_values(sip, values);
  for (size_t i = 0; i < count; i++) {
    passport_parse(context->scratch, sip, values[i], &passport);
    add(context, &passport, list);
  }
}

static void add_dest(FieldContext *context, const Passport *passport, FieldList *list)
{
  (void) context;
  for (unsigned i = 0; i < passport->dest_count; i++)
    field_list_add_text(list, passport->dest[i]);
}

static void add_iat(FieldContext *context, const Passport *passport, FieldList *list)
{
  (void) context;
  if (passport->has_iat)
    field_list_add(list, (FieldValue){.integer = passport->iat_s * 1000000000});
}

/* Of Date if there is one, or else of the capture. */
static void add_age(FieldContext *context, const Passport *passport, FieldList *list)
{
  const Message *message = field_subject(context);
  const SipMsg *sip = field_load_subject(context);
  int64_t now_ns = message->time_ns, date_s;
  SipHeaderRow date;

  if (sip_msg_find(sip, SIP_HEADER_DATE, &date) && sip_date_parse(date.value, &date_s))
    now_ns = date_s * 1000000000;
  if (passport->has_iat && time_is_known(now_ns))
    field_list_add(list, (FieldValue){.integer = now_ns - passport->iat_s * 1000000000});
}

static void add_signature(FieldContext *context, const Passport *passport, FieldList *list)
{
  SignatureVerdict verdict = verifier_check_passport(trace_verifier(context->trace), passport);

  if (verdict.state != SIGNATURE_NOT_CHECKED)
    field_list_add_text(list, slice_from_string(signature_state_name(verdict.state)));
}

#define TEXT_OF_PASSPORT(part)                                                                     \
  static void add_##part(FieldContext *context, const Passport *passport, FieldList *list)         \
  {                                                                                                \
    (void) context;                                                                                \
    field_list_add_text(list, passport->part);                                                     \
  }

TEXT_OF_PASSPORT(attest)
TEXT_OF_PASSPORT(orig)
TEXT_OF_PASSPORT(div)
TEXT_OF_PASSPORT(origid)
TEXT_OF_PASSPORT(ppt)
TEXT_OF_PASSPORT(x5u)
TEXT_OF_PASSPORT(alg)

#define FIELD_OF_PASSPORT(part)                                                                    \
  void field_identity_##part(FieldContext *context, Slice name, FieldList *list)                   \
  {                                                                                                \
    (void) name;                                                                                   \
    collect(context, add_##part, list);                                                            \
  }

FIELD_OF_PASSPORT(attest)
FIELD_OF_PASSPORT(orig)
FIELD_OF_PASSPORT(dest)
FIELD_OF_PASSPORT(div)
FIELD_OF_PASSPORT(origid)
FIELD_OF_PASSPORT(iat)
FIELD_OF_PASSPORT(age)
FIELD_OF_PASSPORT(ppt)
FIELD_OF_PASSPORT(x5u)
FIELD_OF_PASSPORT(alg)
FIELD_OF_PASSPORT(signature)

/* --- Credentials: one value for each row ------------------------------------------------------ */

typedef Slice CredentialsPart(FieldContext *context, const SipMsg *sip, Slice credentials);

static void collect_credentials(FieldContext *context, CredentialsPart *part, FieldList *list)
{
  const SipMsg *sip = field_load_subject(context);
  SipHeaderRow row;

  if (!sip)
    return;
  for (SipHeaderIter rows = sip_header_iter(sip); sip_header_next(&rows, &row);)
    if (row.header == SIP_HEADER_AUTHORIZATION || row.header == SIP_HEADER_PROXY_AUTHORIZATION)
      field_list_add_text(list, part(context, sip, row.value));
}

static Slice param_of(FieldContext *context, Slice credentials, Slice name)
{
  SipParam param;

  sip_take_token(&credentials);
  while (sip_auth_param_next(&credentials, &param))
    if (slice_eq_nocase(param.name, name))
      return sip_unquote(context->scratch, slice_trim(param.value));
  return SLICE_NONE;
}

static Slice user_of(FieldContext *context, const SipMsg *sip, Slice credentials)
{
  (void) sip;
  return param_of(context, credentials, SLICE("username"));
}

static Slice realm_of(FieldContext *context, const SipMsg *sip, Slice credentials)
{
  (void) sip;
  return param_of(context, credentials, SLICE("realm"));
}

static Slice check_of(FieldContext *context, const SipMsg *sip, Slice credentials)
{
  DigestState state = verifier_check_digest(trace_verifier(context->trace), sip, credentials);

  return state == DIGEST_NOT_CHECKED ? SLICE_NONE : slice_from_string(digest_state_name(state));
}

void field_auth_user(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_credentials(context, user_of, list);
}

void field_auth_realm(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_credentials(context, realm_of, list);
}

void field_auth_check(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_credentials(context, check_of, list);
}
