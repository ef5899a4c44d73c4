#include "dissect/diagnose/register_reading.h"

#include <glib.h>

#include "capture/hash.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_equal.h"
#include "dissect/sip/sip_values.h"

/* --- The address-of-record (RFC 3261 10.3, step 5) -------------------------------------------- */

static Slice aor_of(Slice to, Arena *arena)
{
  SipAddr addr = sip_addr_parse(to);
  SipUri uri;

  if (!sip_uri_parse(addr.uri, &uri) || uri.kind == SIP_URI_OTHER || uri.kind == SIP_URI_TEL)
    return slice_head(addr.uri, slice_find(addr.uri, ';'));
  Slice user = uri.user.data ? sip_unescape(arena, uri.user) : SLICE_NONE;
  size_t most = uri.scheme.len + user.len + uri.host.len + sizeof ":@:65535";
  char *text = arena_alloc(arena, most), *host = arena_alloc(arena, uri.host.len + 1);

  for (size_t i = 0; i < uri.host.len; i++)
    host[i] = g_ascii_tolower(uri.host.data[i]);
  host[uri.host.len] = '\0';
  size_t len = (size_t) g_snprintf(text, most, "%s:", uri.kind == SIP_URI_SIPS ? "sips" : "sip");
  if (user.len > 0)
    memcpy(text + len, user.data, user.len);
  len += user.len;
  len += (size_t) g_snprintf(text + len, most - len, "%s%s", user.len > 0 ? "@" : "", host);
  if (uri.port != 0)
    len += (size_t) g_snprintf(text + len, most - len, ":%u", uri.port);
  return slice_of(text, len);
}

/* --- Header fields ---------------------------------------------------------------------------- */

static bool seconds_of(const SipMsg *sip, SipHeader header, uint32_t *ret_seconds)
{
  SipHeaderRow row;

  return sip && sip_msg_find(sip, header, &row) && slice_to_u32(slice_trim(row.value), ret_seconds);
}

static Slice first_of(const SipMsg *sip, SipHeader header, Arena *arena)
{
  SipHeaderRow row;

  return sip && sip_msg_find(sip, header, &row) ? sip_unfold(arena, row.value) : SLICE_NONE;
}

/* All rows of a list, as one. */
static Slice joined(const SipMsg *sip, SipHeader header, Arena *arena)
{
  SipHeaderRow row;

  if (!sip || !sip_msg_has(sip, header))
    return SLICE_NONE;
  g_autoptr(GString) all = g_string_new(NULL);
  for (SipHeaderIter rows = sip_header_iter_of(sip, &header, 1); sip_header_next(&rows, &row);) {
    Slice value = sip_unfold(arena, row.value);
    g_string_append(all, all->len > 0 ? ", " : "");
    g_string_append_len(all, value.data, (gssize) value.len);
  }
  return all->len > 0 ? arena_dup(arena, slice_of(all->str, all->len)) : SLICE_NONE;
}

static bool says_stale(const SipMsg *final, Arena *arena)
{
  static const SipHeader CHALLENGES[] = {SIP_HEADER_WWW_AUTHENTICATE,
                                         SIP_HEADER_PROXY_AUTHENTICATE};
  SipHeaderIter rows = sip_header_iter_of(final, CHALLENGES, G_N_ELEMENTS(CHALLENGES));
  SipHeaderRow row;

  while (sip_header_next(&rows, &row)) {
    Slice params = row.value;
    SipParam param;
    (void) sip_take_token(&params);
    while (sip_auth_param_next(&params, &param))
      if (slice_eq_nocase(param.name, SLICE("stale")))
        return slice_eq_nocase(sip_unquote(arena, param.value), SLICE("true"));
  }
  return false;
}

/* --- Contacts --------------------------------------------------------------------------------- */

/* Equal URIs have the same user, host and port (RFC 3261 19.1.4). */
static uint64_t hash_uri(Slice text, uint64_t seed, Arena *arena)
{
  SipUri uri;

  if (!sip_uri_parse(text, &uri) || uri.kind == SIP_URI_OTHER || uri.kind == SIP_URI_TEL)
    return 0;
  Slice user = sip_unescape(arena, uri.user);
  char *host = arena_alloc(arena, uri.host.len + 1);
  for (size_t i = 0; i < uri.host.len; i++)
    host[i] = g_ascii_tolower(uri.host.data[i]);
  return hash_bytes(user.data, user.len, hash_bytes(host, uri.host.len, seed + uri.port));
}

static RegisterContact *add_contact(RegisterReading *reading, Slice uri, Arena *arena)
{
  uint64_t hash = hash_uri(uri, reading->seed, arena);

  for (size_t i = 0; i < reading->count; i++)
    if (reading->contacts[i].hash == hash && sip_uri_equal(reading->contacts[i].uri, uri))
      return &reading->contacts[i];
  if (reading->count == REGISTER_CONTACTS_MAX) {
    reading->left_out++;
    return NULL;
  }
  RegisterContact *contact = &reading->contacts[reading->count++];
  *contact = (RegisterContact){.uri = uri, .hash = hash};
  return contact;
}

static void note_param(Slice params, Slice name, Arena *arena, Slice *place)
{
  Slice value;

  if (sip_param_find(params, name, &value) && value.data)
    *place = sip_unquote(arena, value);
}

static void note_params(RegisterContact *contact, Slice params, Arena *arena)
{
  if (!params.data)
    return;
  note_param(params, SLICE("q"), arena, &contact->q);
  note_param(params, SLICE("+sip.instance"), arena, &contact->instance);
  note_param(params, SLICE("reg-id"), arena, &contact->reg_id);
  note_param(params, SLICE("pub-gruu"), arena, &contact->pub_gruu);
  note_param(params, SLICE("temp-gruu"), arena, &contact->temp_gruu);
}

static bool expires_of(Slice params, uint32_t *ret_seconds)
{
  Slice value;

  return params.data && sip_param_find(params, SLICE("expires"), &value) && value.data &&
         slice_to_u32(slice_trim(value), ret_seconds);
}

static void note_contact(RegisterReading *reading, Slice value, bool is_response, Arena *arena)
{
  SipAddr addr = sip_addr_parse(value);
  uint32_t seconds = 0;

  if (slice_eq(addr.uri, SLICE("*"))) {
    reading->removes_all |= !is_response;
    return;
  }
  bool has_seconds = expires_of(addr.params, &seconds);
  RegisterContact *contact = addr.uri.len > 0 ? add_contact(reading, addr.uri, arena) : NULL;
  if (!contact)
    return;
  note_params(contact, addr.params, arena);
  if (is_response) {
    contact->is_listed = true;
    contact->has_granted = has_seconds || reading->has_expires;
    contact->granted = has_seconds ? seconds : reading->expires;
  } else {
    contact->is_asked = true;
    contact->has_asked = has_seconds;
    contact->asked = seconds;
  }
}

/* Values that are beyond the limit are not even compared. */
static void read_contacts(RegisterReading *reading, const SipMsg *sip, bool is_response,
                          Arena *arena)
{
  SipHeaderIter rows = sip_header_iter_of(sip, &(SipHeader){SIP_HEADER_CONTACT}, 1);
  size_t read = 0;
  SipHeaderRow row;

  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    Slice value;
    while (sip_list_next(&values, &value)) {
      reading->has_contacts |= is_response;
      if (read++ < REGISTER_CONTACTS_MAX)
        note_contact(reading, value, is_response, arena);
      else
        reading->left_out++;
    }
  }
}

/* Where a Contact has no expires of its own, the Expires of the request counts (10.2.1.1). */
static void read_request(RegisterReading *reading, const SipMsg *request, Arena *arena)
{
  SipHeaderRow row;
  uint32_t seconds;

  read_contacts(reading, request, false, arena);
  bool has_expires = seconds_of(request, SIP_HEADER_EXPIRES, &seconds);
  for (size_t i = 0; i < reading->count && has_expires; i++)
    if (!reading->contacts[i].has_asked) {
      reading->contacts[i].asked = seconds;
      reading->contacts[i].has_asked = true;
    }
  reading->has_credentials = sip_msg_find(request, SIP_HEADER_AUTHORIZATION, &row) ||
                             sip_msg_find(request, SIP_HEADER_PROXY_AUTHORIZATION, &row);
  reading->user_agent = first_of(request, SIP_HEADER_USER_AGENT, arena);
}

static void read_final(RegisterReading *reading, const SipMsg *final, Arena *arena)
{
  uint32_t asked_left_out = reading->left_out;

  reading->is_stale = says_stale(final, arena);
  if (!seconds_of(final, SIP_HEADER_MIN_EXPIRES, &reading->min_expires))
    reading->min_expires = 0;
  if (final->status >= 300)
    return;
  reading->has_expires = seconds_of(final, SIP_HEADER_EXPIRES, &reading->expires);
  read_contacts(reading, final, true, arena);
  reading->lists = final->complete && reading->left_out == asked_left_out;
  reading->service_route = joined(final, SIP_HEADER_SERVICE_ROUTE, arena);
}

bool register_read(const RegisterMessages *messages, Arena *arena, RegisterReading *ret_reading)
{
  const SipMsg *request = messages->request, *final = messages->final;
  const SipMsg *any = request ? request : final;
  RegisterReading *reading = ret_reading;

  if (!any)
    return false;
  *reading = (RegisterReading){
    .seed = messages->seed,
    .contacts = arena_alloc(arena, REGISTER_CONTACTS_MAX * sizeof *reading->contacts),
  };
  reading->aor = aor_of(any->to, arena);
  if (request)
    read_request(reading, request, arena);
  if (final)
    read_final(reading, final, arena);
  /* RFC 3327 5.3: the response has those that the request came with to the registrar. */
  reading->path = joined(final && final->status < 300 ? final : NULL, SIP_HEADER_PATH, arena);
  if (!reading->path.data)
    reading->path = joined(request, SIP_HEADER_PATH, arena);
  return reading->aor.len > 0;
}

void register_reading_keep(RegisterReading *reading, Arena *arena)
{
  Slice *texts[] = {&reading->aor, &reading->path, &reading->service_route, &reading->user_agent};

  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = arena_dup(arena, *texts[i]);
  reading->contacts =
    arena_copy(arena, reading->contacts, reading->count * sizeof *reading->contacts);
  for (size_t i = 0; i < reading->count; i++) {
    RegisterContact *contact = &reading->contacts[i];
    Slice *params[] = {&contact->uri,    &contact->q,        &contact->instance,
                       &contact->reg_id, &contact->pub_gruu, &contact->temp_gruu};
    for (size_t k = 0; k < G_N_ELEMENTS(params); k++)
      *params[k] = arena_dup(arena, *params[k]);
  }
}
