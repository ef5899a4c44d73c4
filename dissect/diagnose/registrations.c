#include "dissect/diagnose/registrations.h"

#include "capture/hash.h"
#include "dissect/diagnose/registrations_private.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_equal.h"

/* Read between two looks at the time. */
enum { STEP_TRANSACTIONS = 32 };

const RegistrationLimits REGISTRATION_LIMITS_DEFAULT = {
  .aors = 250000, .attempts = 2000000, .contacts = 64};

const char *registration_event_name(RegistrationEventKind kind)
{
  static const char *const NAMES[] = {
#define REGISTRATION_NAME(id, name) [REGISTRATION_##id] = name,
    REGISTRATION_EVENTS(REGISTRATION_NAME)
#undef REGISTRATION_NAME
  };

  return NAMES[kind];
}

static uint32_t hash_of_aor(const void *record)
{
  const RegistrationAor *aor = record;

  return (uint32_t) (aor->hash ^ aor->hash >> 32);
}

static bool is_same_aor(const void *a, const void *b)
{
  const RegistrationAor *left = a, *right = b;

  return left->hash == right->hash && slice_eq(left->name, right->name);
}

Registrations *registrations_new(const Trace *trace, const StoreSet *stores,
                                 const RegistrationLimits *limits)
{
  static const RecordKey KEY = {hash_of_aor, is_same_aor};
  Registrations *r = g_new(Registrations, 1);

  *r = (Registrations){
    .trace = trace,
    .stores = stores,
    .limits = *limits,
    .seed = hash_seed_new(),
    .by_name = record_table_new(&KEY),
    .aors = g_ptr_array_new(),
    .bindings = g_ptr_array_new(),
    .attempts = g_array_new(FALSE, FALSE, sizeof(RegistrationAttempt)),
    .contacts = g_array_new(FALSE, FALSE, sizeof(RegistrationGrant)),
    .events = g_array_new(FALSE, FALSE, sizeof(RegistrationEvent)),
  };
  arena_init(&r->arena, 4096);
  arena_init(&r->scratch, 4096);
  return r;
}

void registrations_free(Registrations *r)
{
  if (!r)
    return;
  record_table_free(r->by_name);
  g_ptr_array_unref(r->aors);
  g_ptr_array_unref(r->bindings);
  g_clear_pointer(&r->attempts, g_array_unref);
  g_clear_pointer(&r->contacts, g_array_unref);
  g_array_unref(r->events);
  arena_clear(&r->arena);
  arena_clear(&r->scratch);
  g_free(r);
}

/* --- Addresses-of-record and their contacts --------------------------------------------------- */

static RegistrationAor *aor_of(Registrations *r, Slice name)
{
  const RegistrationAor probe = {.name = name, .hash = hash_bytes(name.data, name.len, r->seed)};
  RegistrationAor *aor = record_table_find(r->by_name, &probe);

  if (aor)
    return aor;
  if (name.len > REGISTRATION_TEXT_MAX || r->aors->len >= r->limits.aors) {
    r->left_out.aors++;
    return NULL;
  }
  aor = arena_new(&r->arena, RegistrationAor);
  *aor = (RegistrationAor){
    .name = arena_dup(&r->arena, name),
    .hash = probe.hash,
    .index = r->aors->len,
    .first_binding = REGISTRATION_NONE,
    .last_binding = REGISTRATION_NONE,
  };
  g_ptr_array_add(r->aors, aor);
  record_table_put(r->by_name, aor);
  return aor;
}

static RegistrationBinding *find_binding(const Registrations *r, const RegistrationAor *aor,
                                         const RegisterContact *contact, uint32_t *ret_index)
{
  for (uint32_t i = aor->first_binding; i != REGISTRATION_NONE;) {
    RegistrationBinding *binding = registrations_binding_at(r, i);
    *ret_index = i;
    if (binding->hash == contact->hash && sip_uri_equal(binding->contact, contact->uri))
      return binding;
    i = binding->next;
  }
  return NULL;
}

static RegistrationBinding *add_binding(Registrations *r, RegistrationAor *aor,
                                        const RegisterContact *contact, uint32_t *ret_index)
{
  if (contact->uri.len > REGISTRATION_TEXT_MAX || aor->binding_count >= r->limits.contacts) {
    r->left_out.contacts++;
    return NULL;
  }
  uint32_t index = r->bindings->len;
  RegistrationBinding *binding = arena_new(&r->arena, RegistrationBinding);
  *binding = (RegistrationBinding){
    .contact = arena_dup(&r->arena, contact->uri),
    .hash = contact->hash,
    .aor = aor->index,
    .next = REGISTRATION_NONE,
    .first_ns = INT64_MAX,
    .last_ns = INT64_MIN,
    .since_ns = TIME_NONE,
    .granted_ns = TIME_NONE,
    .expires_ns = TIME_NONE,
    .ended_ns = TIME_NONE,
    .state = REGISTRATION_UNANSWERED,
  };
  g_ptr_array_add(r->bindings, binding);
  if (aor->last_binding == REGISTRATION_NONE)
    aor->first_binding = index;
  else
    registrations_binding_at(r, aor->last_binding)->next = index;
  aor->last_binding = index;
  aor->binding_count++;
  *ret_index = index;
  return binding;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void keep_note(Registrations *r, Slice text, Slice *place)
{
  if (text.data && !slice_eq(*place, text))
    *place = arena_dup(&r->arena, slice_head(text, REGISTRATION_NOTE_MAX));
}

/* Its host is an address, and another one. */
static bool is_from_elsewhere(const Registrations *r, Slice contact, uint32_t source)
{
  Endpoint named;
  SipUri uri;

  if (!sip_uri_parse(contact, &uri))
    return false;
  if (uri.host.len > 2 && uri.host.data[0] == '[')
    uri.host = slice_of(uri.host.data + 1, uri.host.len - 2);
  return endpoint_parse(uri.host, 0, &named) &&
         !is_same_host(&named, trace_endpoint(r->trace, source));
}

/* What the newest REGISTER says. */
static void note_binding(Registrations *r, RegistrationBinding *binding,
                         const RegistrationAttempt *attempt, const RegisterReading *reading,
                         const RegisterContact *contact)
{
  binding->first_ns = MIN(binding->first_ns, attempt->time_ns);
  if (attempt->time_ns < binding->last_ns)
    return;
  binding->last_ns = attempt->time_ns;
  keep_note(r, contact->q, &binding->q);
  keep_note(r, contact->instance, &binding->instance);
  keep_note(r, contact->reg_id, &binding->reg_id);
  keep_note(r, contact->pub_gruu, &binding->pub_gruu);
  keep_note(r, contact->temp_gruu, &binding->temp_gruu);
  if (!contact->is_asked && binding->is_asked)
    return;
  binding->source = attempt->source;
  binding->registrar = attempt->registrar;
  if (!contact->is_asked)
    return;
  binding->is_asked = true;
  keep_note(r, reading->path, &binding->path);
  keep_note(r, reading->service_route, &binding->service_route);
  keep_note(r, reading->user_agent, &binding->user_agent);
  binding->is_behind_nat = is_from_elsewhere(r, contact->uri, attempt->source);
}

/* RFC 3261 10.3 step 8: the 2xx lists all bindings with their expiry.  Registrars that leave that
 * out, or list another form of the contact, grant what their Expires says, or what was asked. */
static RegistrationGrant granted_contact(const RegisterReading *reading,
                                         const RegisterContact *contact)
{
  RegistrationGrant granted = {
    .is_asked = contact->is_asked,
    .is_listed = contact->is_listed,
    .is_removal = contact->is_asked && contact->has_asked && contact->asked == 0,
  };

  granted.is_known =
    contact->has_granted || (contact->is_asked && reading->has_expires) || contact->has_asked;
  granted.seconds = contact->has_granted   ? contact->granted
                    : reading->has_expires ? reading->expires
                                           : contact->asked;
  granted.is_assumed = !contact->is_listed || !contact->has_granted;
  return granted;
}

static void add_attempt(Registrations *r, RegistrationAttempt *attempt,
                        const RegisterReading *reading)
{
  RegistrationAor *aor = aor_of(r, reading->aor);

  if (!aor)
    return;
  attempt->aor = aor->index;
  attempt->removes_all = reading->removes_all;
  attempt->lists = reading->lists && reading->has_contacts;
  attempt->has_credentials = reading->has_credentials;
  attempt->is_stale = reading->is_stale;
  attempt->min_expires = reading->min_expires;
  attempt->first_contact = r->contacts->len;
  r->left_out.contacts += reading->left_out;
  for (size_t i = 0; i < reading->count; i++) {
    const RegisterContact *contact = &reading->contacts[i];
    RegistrationGrant granted = granted_contact(reading, contact);
    RegistrationBinding *binding = find_binding(r, aor, contact, &granted.binding);
    if (!binding)
      binding = add_binding(r, aor, contact, &granted.binding);
    if (!binding)
      continue;
    note_binding(r, binding, attempt, reading, contact);
    g_array_append_val(r->contacts, granted);
  }
  attempt->contact_count = r->contacts->len - attempt->first_contact;
  g_array_append_val(r->attempts, *attempt);
}

/* The same request on another hop says nothing new, unless its Contact was rewritten on the way, or
 * it is the only one that was granted. */
static bool is_next_hop(Registrations *r, const Transaction *t, const SipMsg *request)
{
  const RegistrationHop hop = {
    .from_tag = t->from_tag,
    .contact = request ? hash_bytes(request->contact.data, request->contact.len, r->seed) : 0,
    .cseq = t->cseq,
    .is_granted = t->final && t->final->status < 300,
  };

  for (size_t i = 0; i < MIN(r->hop_count, (size_t) REGISTRATION_HOPS_KEPT); i++) {
    const RegistrationHop *before = &r->hops[i];
    if (before->cseq == hop.cseq && before->from_tag == hop.from_tag &&
        before->contact == hop.contact && (before->is_granted || !hop.is_granted))
      return true;
  }
  r->hops[r->hop_count++ % REGISTRATION_HOPS_KEPT] = hop;
  return false;
}

static const SipMsg *load(Registrations *r, const Message *message, SipMsg *sip)
{
  const ReadMessage *read = r->reading ? call_reading_find(r->reading, message) : NULL;

  if (read)
    return read_message_sip(read);
  if (!message || !r->stores)
    return NULL;
  if (message_load(message, r->stores, &r->scratch, sip, NULL))
    return sip;
  r->left_out.unreadable++;
  return NULL;
}

static void read_transaction(Registrations *r, const Call *call, const Transaction *t)
{
  const Message *request = t->request, *final = t->final, *any = request ? request : final;
  SipMsg request_sip, final_sip;
  RegisterReading reading;

  if (t->method != SIP_METHOD_REGISTER || !any)
    return;
  if (r->attempts->len >= r->limits.attempts) {
    r->left_out.attempts++;
    return;
  }
  arena_reset(&r->scratch);
  const SipMsg *sip = load(r, request, &request_sip);
  if (is_next_hop(r, t, sip))
    return;
  const RegisterMessages messages = {sip, load(r, final, &final_sip), r->seed};
  if (!register_read(&messages, &r->scratch, &reading))
    return;
  RegistrationAttempt attempt = {
    .time_ns = any->time_ns,
    .final_ns = final ? final->time_ns : TIME_NONE,
    .call = call->number,
    .request = request ? request->number : 0,
    .final = final ? final->number : 0,
    .source = request ? request->src : final->dst,
    .registrar = request ? request->dst : final->src,
    .status = final ? final->status : 0,
  };
  if (r->memo)
    register_memo_add(r->memo, &attempt, &reading);
  add_attempt(r, &attempt, &reading);
}

static bool has_registers(const Call *call)
{
  return call && call->method == SIP_METHOD_REGISTER;
}

static void read_call(Registrations *r, const Call *call)
{
  r->hop_count = 0;
  for (const Transaction *t = call->transactions; t; t = t->next)
    read_transaction(r, call, t);
}

static void add_entries(Registrations *r, const RegisterEntry *entry)
{
  for (; entry; entry = entry->next) {
    RegistrationAttempt attempt = entry->attempt;
    if (r->attempts->len < r->limits.attempts)
      add_attempt(r, &attempt, &entry->reading);
    else
      r->left_out.attempts++;
  }
}

void registrations_use_memo(Registrations *r, RegisterMemo *memo)
{
  r->memo = memo;
  r->seed = register_memo_seed(memo);
}

void registrations_add_call(Registrations *r, const Call *call, const CallReading *reading)
{
  const RegistrationsLeftOut before = r->left_out;
  const RegisterEntry *entries;

  if (!has_registers(call))
    return;
  if (r->memo && register_memo_find(r->memo, call, &entries)) {
    add_entries(r, entries);
    return;
  }
  if (r->memo)
    register_memo_begin(r->memo, call);
  r->reading = reading;
  read_call(r, call);
  r->reading = NULL;
  bool is_whole = r->left_out.unreadable == before.unreadable &&
                  r->left_out.attempts == before.attempts &&
                  !(reading && call_reading_has_failed(reading));
  if (r->memo && is_whole)
    register_memo_end(r->memo, call);
}

/* --- The whole trace, in slices --------------------------------------------------------------- */

/* Where the reading of that call goes on. */
static const Transaction *next_transaction(const Registrations *r, const Call *call)
{
  const Transaction *t = call->transactions;

  if (r->read_up_to == 0)
    return t;
  if (r->at && r->evictions == trace_counts(r->trace)->evicted_calls)
    return r->at;
  while (t && t->number <= r->read_up_to)
    t = t->next;
  return t;
}

/* True if there is more of that call. */
static bool read_part(Registrations *r, const Call *call)
{
  const Transaction *t = next_transaction(r, call);

  if (r->read_up_to == 0)
    r->hop_count = 0;
  for (unsigned i = 0; t && i < STEP_TRANSACTIONS; t = t->next, i++) {
    read_transaction(r, call, t);
    r->read_up_to = t->number;
  }
  r->at = t;
  r->evictions = trace_counts(r->trace)->evicted_calls;
  return t != NULL;
}

bool registrations_step(Registrations *r, int64_t until_us)
{
  enum { CALLS_AT_ONCE = 256 };
  size_t count = trace_call_count(r->trace);
  unsigned passed = 0;

  while (r->next_call < count) {
    const Call *call = trace_call_at(r->trace, r->next_call);
    if (has_registers(call) && read_part(r, call)) {
      passed = CALLS_AT_ONCE;
    } else {
      passed += has_registers(call) ? STEP_TRANSACTIONS / 4 : 1;
      r->next_call++;
      r->read_up_to = 0;
    }
    if (passed >= CALLS_AT_ONCE) {
      if (g_get_monotonic_time() >= until_us)
        return true;
      passed = 0;
    }
  }
  registrations_finish(r);
  return false;
}

double registrations_progress(const Registrations *r)
{
  return (double) r->next_call / (double) MAX(trace_call_count(r->trace), (size_t) 1);
}

/* --- Reading the result ----------------------------------------------------------------------- */

uint32_t registrations_aor_count(const Registrations *r)
{
  return r->aors->len;
}

const RegistrationAor *registrations_aor(const Registrations *r, uint32_t index)
{
  return r->aors->pdata[index];
}

const RegistrationBinding *registrations_binding(const Registrations *r, uint32_t index)
{
  return registrations_binding_at(r, index);
}

const RegistrationEvent *registrations_event(const Registrations *r, uint32_t index)
{
  return &g_array_index(r->events, RegistrationEvent, index);
}

RegistrationsLeftOut registrations_left_out(const Registrations *r)
{
  return r->left_out;
}

const RegistrationBinding *registrations_main_binding(const Registrations *r,
                                                      const RegistrationAor *aor)
{
  const RegistrationBinding *best = NULL;

  for (uint32_t i = aor->first_binding; i != REGISTRATION_NONE;
       i = registrations_binding_at(r, i)->next) {
    const RegistrationBinding *binding = registrations_binding_at(r, i);
    bool is_sooner =
      best && best->is_bound && binding->is_bound && binding->expires_ns < best->expires_ns;
    if (!best || (binding->is_bound && !best->is_bound) || is_sooner ||
        (binding->is_bound == best->is_bound && !binding->is_bound &&
         binding->last_ns >= best->last_ns))
      best = binding;
  }
  return best;
}
