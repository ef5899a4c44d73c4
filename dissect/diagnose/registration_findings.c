/* Bindings over time (RFC 3261 10), over Call-IDs: lapsed, registered far too often; and requests
 * to one that is gone. */
#include "capture/language.h"
#include "dissect/diagnose/registrations.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_equal.h"

enum {
  LAPSES_SAID_MAX = 4,
  CHANGES_MIN = 4,      /* of the contact */
  REFRESHES_MIN = 6,    /* in a row */
  TOO_OFTEN_FACTOR = 8, /* as often as the binding asks for */
  BEFORE_MAX = 8,       /* calls of the same address-of-record that are read, too */
  AFTER_MAX = 4,
  OTHERS_MAX = 256, /* transactions of another call that is read */
  BRANCHES_MAX = 4, /* whose Request-URI is looked for */
};

/* Earlier calls that are nearer than that may be part of what is flapping. */
#define NEAR_NS (600 * SECOND_NS)

static const RegistrationLimits LIMITS = {.aors = 16, .attempts = 100000, .contacts = 64};

/* --- What is read ----------------------------------------------------------------------------- */

static const Call *call_at(const CallCase *c, const GArray *entries, guint place)
{
  return trace_call(c->trace, g_array_index(entries, CaptureEntry, place).number);
}

/* The call and those of the same address-of-record around it. */
typedef struct {
  Registrations *registrations;
  bool is_complete; /* nothing in between was left out */
  bool is_whole;    /* and nothing after it */
} Around;

static void read_other(Around *around, const Call *call)
{
  if (call && call->transaction_count <= OTHERS_MAX)
    registrations_add_call(around->registrations, call, NULL);
  else
    around->is_complete = false;
}

/* Calls before it that went on meanwhile; and those that were near, if they are many. */
static void read_before(const CallCase *c, const GArray *entries, guint place, Around *around)
{
  guint first = place > BEFORE_MAX ? place - BEFORE_MAX : 0;
  int64_t near_ns = c->call->start_ns - NEAR_NS;
  unsigned near = 0;

  for (guint i = first; i < place; i++)
    near += g_array_index(entries, CaptureEntry, i).start_ns >= near_ns;
  for (guint i = first; i < place; i++) {
    const Call *call = call_at(c, entries, i);
    bool is_near = near >= CHANGES_MIN && call && call->start_ns >= near_ns;
    if (call && (is_near || call->end_ns >= c->call->start_ns))
      read_other(around, call);
  }
}

static Around read_around(const CallCase *c)
{
  const GArray *entries = capture_index_registers(c->index, call_text_kept(c->call, CALL_TEXT_TO));
  guint after = entries ? capture_entries_after(entries, c->call->number) : 0;
  guint end = entries ? MIN(entries->len, after + AFTER_MAX) : 0;
  Around around = {.registrations = registrations_new(c->trace, c->stores, &LIMITS),
                   .is_complete = true};

  registrations_use_memo(around.registrations, c->registers);
  if (after > 0)
    read_before(c, entries, after - 1, &around);
  registrations_add_call(around.registrations, c->call, &c->path->reading);
  for (guint i = after; i < end; i++)
    read_other(&around, call_at(c, entries, i));
  registrations_finish(around.registrations);
  around.is_complete &= registrations_left_out(around.registrations).attempts == 0;
  around.is_whole = around.is_complete && (!entries || end == entries->len);
  return around;
}

/* --- Lapses ----------------------------------------------------------------------------------- */

/* A message of this call by its number; NULL for others. */
static const Message *message_of(const CallCase *c, uint32_t number)
{
  for (size_t i = 0; i < c->transaction_count; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    if (ct->request && ct->request->number == number)
      return ct->request;
    if (ct->final && ct->final->number == number)
      return ct->final;
  }
  return NULL;
}

/* Was another contact registered while it was bound? */
static bool has_moved(const Registrations *r, const RegistrationAor *aor, uint32_t at)
{
  const RegistrationEvent *lapse = registrations_event(r, at);
  int64_t granted_ns = lapse->time_ns - (int64_t) lapse->seconds * SECOND_NS;

  while (at-- > aor->first_event) {
    const RegistrationEvent *event = registrations_event(r, at);
    if (event->time_ns <= granted_ns)
      return false;
    if (event->binding != lapse->binding &&
        (event->kind == REGISTRATION_REGISTERED || event->kind == REGISTRATION_REFRESHED))
      return true;
  }
  return false;
}

static const RegistrationEvent *registered_again(const Registrations *r, const RegistrationAor *aor,
                                                 uint32_t at)
{
  const RegistrationEvent *lapse = registrations_event(r, at);

  while (++at < aor->first_event + aor->event_count) {
    const RegistrationEvent *event = registrations_event(r, at);
    if (event->binding == lapse->binding && event->kind == REGISTRATION_REGISTERED)
      return event;
  }
  return NULL;
}

static void add_lapse(CallCase *c, const Registrations *r, const RegistrationEvent *lapse,
                      const RegistrationEvent *again, FindingList *list)
{
  const RegistrationBinding *binding = registrations_binding(r, lapse->binding);
  const char *then =
    again ? say(c, "was registered again %s later", say_span(c, again->time_ns - lapse->time_ns))
          : say(c, "was not registered again in the %s up to the end of the capture",
                say_span(c, c->now_ns - lapse->time_ns));
  Finding *finding = finding_add(
    list, FINDING_REGISTRATION_LAPSED, "the binding of %s to %s ran out after %s and %s",
    say_text(c, call_text_kept(c->call, CALL_TEXT_TO)), say_text(c, binding->contact),
    say_span(c, (int64_t) lapse->seconds * SECOND_NS), then);

  call_case_prove(finding, message_of(c, lapse->final));
  call_case_blame(c, finding, binding->source, 0);
  finding_prove_by_message(finding, again ? again->request : 0);
  call_case_weaken(c, finding);
}

static void find_lapses(CallCase *c, const Around *around, FindingList *list)
{
  const Registrations *r = around->registrations;
  unsigned said = 0;

  for (uint32_t a = 0; a < registrations_aor_count(r) && around->is_complete; a++) {
    const RegistrationAor *aor = registrations_aor(r, a);
    uint32_t end = aor->first_event + aor->event_count;
    for (uint32_t at = aor->first_event; at < end && said < LAPSES_SAID_MAX; at++) {
      const RegistrationEvent *lapse = registrations_event(r, at);
      if (lapse->kind != REGISTRATION_LAPSED || lapse->call != c->call->number ||
          lapse->is_assumed || has_moved(r, aor, at))
        continue;
      const RegistrationEvent *again = registered_again(r, aor, at);
      if (!again && (!around->is_whole || c->now_ns - lapse->time_ns <= TIMEOUT_NS))
        continue;
      add_lapse(c, r, lapse, again, list);
      said++;
    }
  }
}

/* --- Flapping --------------------------------------------------------------------------------- */

typedef struct {
  const RegistrationEvent *last;  /* that registered or refreshed a contact */
  const RegistrationEvent *first; /* of those that are counted, and the last of them */
  const RegistrationEvent *counted;
  uint32_t refreshes, changes, seconds;
} Flapping;

/* Are both of one client, and not of two? */
static bool is_same_client(const Registrations *r, const RegistrationAor *aor,
                           const RegistrationEvent *a, uint32_t at)
{
  const RegistrationEvent *b = registrations_event(r, at);
  const RegistrationBinding *left = registrations_binding(r, a->binding);
  const RegistrationBinding *right = registrations_binding(r, b->binding);

  if (a->call == b->call)
    return true;
  if (left->instance.data && right->instance.data)
    return slice_eq(left->instance, right->instance);
  while (++at < aor->first_event + aor->event_count) {
    const RegistrationEvent *event = registrations_event(r, at);
    if (event->final != b->final)
      return false;
    if (event->kind == REGISTRATION_REPLACED && event->binding == a->binding)
      return true;
  }
  return false;
}

static void count(Flapping *f, const RegistrationEvent *event)
{
  f->first = f->first ? f->first : f->last;
  f->counted = event;
}

static void note_event(const Registrations *r, const RegistrationAor *aor, Flapping *f, uint32_t at)
{
  const RegistrationEvent *event = registrations_event(r, at);
  const RegistrationEvent *last = f->last;
  int64_t gap_ns = last ? event->time_ns - last->time_ns : 0;
  int64_t lifetime_ns = last ? (int64_t) last->seconds * SECOND_NS : 0;
  bool is_soon = false;

  if (last && last->request == event->request) /* another contact of the same REGISTER */
    return;
  if (last && last->binding != event->binding) {
    if (gap_ns < lifetime_ns && is_same_client(r, aor, last, at)) {
      f->changes++;
      count(f, event);
    }
  } else {
    is_soon = last && !last->is_assumed && gap_ns < lifetime_ns / TOO_OFTEN_FACTOR;
  }
  if (is_soon) {
    f->seconds = f->refreshes == 0 ? last->seconds : MIN(f->seconds, last->seconds);
    f->refreshes++;
    count(f, event);
  } else if (f->refreshes < REFRESHES_MIN) {
    f->refreshes = 0;
    f->first = f->changes > 0 ? f->first : NULL;
  }
  f->last = event;
}

static void add_flapping(CallCase *c, const Registrations *r, const Flapping *f, FindingList *list)
{
  const RegistrationBinding *binding = registrations_binding(r, f->counted->binding);
  const char *aor = say_text(c, call_text_kept(c->call, CALL_TEXT_TO));
  const char *took = say_span(c, f->counted->time_ns - f->first->time_ns);
  Finding *finding;

  if (f->changes >= CHANGES_MIN)
    finding = finding_add(list, FINDING_REGISTRATION_FLAPPING,
                          "%s changed its contact %s in %s, last to %s", aor,
                          say_times(c, f->changes), took, say_text(c, binding->contact));
  else
    finding = finding_add(
      list, FINDING_REGISTRATION_FLAPPING, "%s registered %s in %s, though each binding lasts %s",
      aor, say_times(c, f->refreshes + 1), took, say_span(c, (int64_t) f->seconds * SECOND_NS));
  finding_prove_by_message(finding, f->first->request);
  call_case_prove(finding, message_of(c, f->counted->final));
  call_case_blame(c, finding, binding->source, 0);
}

/* Said once, of the call where it ends. */
static void find_flapping(CallCase *c, const Registrations *r, FindingList *list)
{
  for (uint32_t a = 0; a < registrations_aor_count(r); a++) {
    const RegistrationAor *aor = registrations_aor(r, a);
    Flapping flapping = {0};

    for (uint32_t at = aor->first_event; at < aor->first_event + aor->event_count; at++) {
      uint8_t kind = registrations_event(r, at)->kind;
      if (kind == REGISTRATION_REGISTERED || kind == REGISTRATION_REFRESHED)
        note_event(r, aor, &flapping, at);
    }
    bool is_due = flapping.changes >= CHANGES_MIN || flapping.refreshes >= REFRESHES_MIN;
    if (is_due && flapping.counted->call == c->call->number)
      add_flapping(c, r, &flapping, list);
  }
}

/* --- Requests to a binding that is gone ------------------------------------------------------- */

/* The last that happened to the binding before that; NULL: it was bound, or nothing is known. */
static const RegistrationEvent *end_before(const Registrations *r, const RegistrationAor *aor,
                                           uint32_t binding, int64_t time_ns)
{
  const RegistrationEvent *end = NULL;

  for (uint32_t i = 0; i < aor->event_count; i++) {
    const RegistrationEvent *event = registrations_event(r, aor->first_event + i);
    if (event->binding != binding || event->time_ns > time_ns)
      continue;
    bool is_end = event->kind == REGISTRATION_REMOVED || event->kind == REGISTRATION_REPLACED ||
                  (event->kind == REGISTRATION_LAPSED && !event->is_assumed);
    bool is_begin = event->kind == REGISTRATION_REGISTERED ||
                    event->kind == REGISTRATION_REFRESHED || event->kind == REGISTRATION_LISTED;
    end = is_end ? event : is_begin ? NULL : end;
  }
  return end;
}

static void add_gone(CallCase *c, const Registrations *r, const Branch *branch,
                     const RegistrationEvent *end, FindingList *list)
{
  const RegistrationAor *aor = registrations_aor(r, end->aor);
  const Message *request = branch->request->message;
  const char *by = end->other == REGISTRATION_NONE
                     ? ""
                     : say(c, " by %s", say_text(c, registrations_binding(r, end->other)->contact));
  Finding *finding = finding_add(
    list, FINDING_BINDING_GONE, "the %s went to %s, a binding of %s that had %s%s %s before",
    say_method(c, request), say_text(c, read_message_sip(branch->request)->uri),
    say_text(c, aor->name),
    end->kind == REGISTRATION_LAPSED    ? _("run out")
    : end->kind == REGISTRATION_REMOVED ? _("been removed")
                                        : _("been replaced"),
    by, say_span(c, request->time_ns - end->time_ns));

  call_case_prove(finding, request);
  finding_prove_by_message(finding, end->final);
  call_case_blame(c, finding, branch->from, branch_status(branch));
  call_case_weaken(c, finding);
}

/* The newest REGISTER calls of that user before the request. */
static Registrations *read_until(const CallCase *c, Slice uri, uint32_t call)
{
  const GArray *entries = capture_index_registers(c->index, uri);
  guint end = entries ? capture_entries_after(entries, call) : 0;

  if (end == 0)
    return NULL;
  Registrations *r = registrations_new(c->trace, c->stores, &LIMITS);
  registrations_use_memo(r, c->registers);
  for (guint i = end > BEFORE_MAX ? end - BEFORE_MAX : 0; i < end; i++)
    registrations_add_call(r, call_at(c, entries, i), NULL);
  registrations_finish(r);
  return r;
}

static bool find_gone_of(CallCase *c, const Branch *branch, FindingList *list)
{
  Slice aor_uri = branch->parent ? read_message_sip(branch->parent->request)->uri
                                 : call_text_kept(c->call, CALL_TEXT_TO);
  g_autoptr(Registrations) r = read_until(c, aor_uri, c->call->number);
  int64_t time_ns = branch->request->message->time_ns;

  for (uint32_t a = 0; r && a < registrations_aor_count(r); a++) {
    const RegistrationAor *aor = registrations_aor(r, a);
    uint32_t next = aor->first_binding;
    for (; next != REGISTRATION_NONE; next = registrations_binding(r, next)->next) {
      const RegistrationEvent *end = end_before(r, aor, next, time_ns);
      if (!end || !sip_uri_equal(registrations_binding(r, next)->contact,
                                 read_message_sip(branch->request)->uri))
        continue;
      add_gone(c, r, branch, end, list);
      return true;
    }
  }
  return false;
}

static void find_gone(CallCase *c, FindingList *list)
{
  const Forwarding *forwarding = &c->path->forwarding;
  unsigned tested = 0;

  if (c->summary->outcome == OUTCOME_ANSWERED || c->call->deciding == SIP_METHOD_CANCEL)
    return;
  for (size_t i = 0; i < forwarding->count && tested < BRANCHES_MAX; i++) {
    const Branch *branch = &forwarding->branches[i];
    bool is_initial = !(branch->request->message->flags & MESSAGE_HAS_TO_TAG);
    bool has_failed = branch_status(branch) == 0 || branch_status(branch) >= 400;
    if (!is_initial || !has_failed || !branch_is_leaf(branch) ||
        branch->request->message->method != c->call->deciding)
      continue;
    tested++;
    if (find_gone_of(c, branch, list))
      return;
  }
}

void registration_findings_add(CallCase *c, FindingList *list)
{
  if (!c->stores)
    return;
  if (c->call->method != SIP_METHOD_REGISTER) {
    find_gone(c, list);
    return;
  }
  Around around = read_around(c);
  find_lapses(c, &around, list);
  find_flapping(c, around.registrations, list);
  registrations_free(around.registrations);
}
