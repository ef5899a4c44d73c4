/* What happened to the bindings, from all REGISTERs in order of time. */
#include "dissect/diagnose/registrations_private.h"

/* How much later than its end a refresh may come: responses take a while. */
#define LATE_NS INT64_C(1000000000)
#define SECONDS_NS(seconds) ((int64_t) (seconds) *INT64_C(1000000000))

static RegistrationEvent *add_event(Registrations *r, const RegistrationAttempt *a,
                                    RegistrationEventKind kind, uint32_t binding)
{
  const RegistrationEvent event = {
    .time_ns = a->final_ns != TIME_NONE ? a->final_ns : a->time_ns,
    .aor = a->aor,
    .binding = binding,
    .other = REGISTRATION_NONE,
    .call = a->call,
    .request = a->request,
    .final = a->final,
    .status = a->status,
    .kind = (uint8_t) kind,
    .has_credentials = a->has_credentials,
  };

  g_array_append_val(r->events, event);
  if (binding != REGISTRATION_NONE)
    registrations_binding_at(r, binding)->status = a->status;
  return &g_array_index(r->events, RegistrationEvent, r->events->len - 1);
}

static void end_binding(RegistrationBinding *binding, RegistrationEventKind kind, int64_t time_ns)
{
  binding->is_bound = false;
  binding->state = (uint8_t) kind;
  binding->ended_ns = time_ns;
  binding->expires_ns = TIME_NONE;
}

static bool has_run_out(const RegistrationBinding *binding, int64_t now_ns)
{
  return binding->is_bound && binding->expires_ns != TIME_NONE &&
         now_ns > binding->expires_ns + LATE_NS;
}

/* The event names what granted it. */
static void add_lapse(Registrations *r, uint32_t index, const RegistrationAttempt *granted)
{
  RegistrationBinding *binding = registrations_binding_at(r, index);
  int64_t expired_ns = binding->expires_ns;
  RegistrationEvent *event = add_event(r, granted, REGISTRATION_LAPSED, index);

  event->time_ns = expired_ns;
  event->seconds = binding->seconds;
  event->is_assumed = binding->is_assumed;
  binding->lapses++;
  end_binding(binding, REGISTRATION_LAPSED, expired_ns);
}

typedef struct {
  Registrations *r;
  uint32_t *granted_by; /* binding -> index of the attempt that granted it last */
} History;

static const RegistrationAttempt *attempt_at(const Registrations *r, size_t index)
{
  return &g_array_index(r->attempts, RegistrationAttempt, index);
}

static const RegistrationGrant *contact_at(const Registrations *r, const RegistrationAttempt *a,
                                           uint32_t index)
{
  return &g_array_index(r->contacts, RegistrationGrant, a->first_contact + index);
}

static void lapse_if_due(const History *h, uint32_t index, int64_t now_ns)
{
  if (has_run_out(registrations_binding_at(h->r, index), now_ns))
    add_lapse(h->r, index, attempt_at(h->r, h->granted_by[index]));
}

/* What another REGISTER's response says of a binding in force is its rest. */
static void note_rest(RegistrationBinding *binding, const RegistrationAttempt *a,
                      const RegistrationGrant *contact)
{
  if (contact->is_known)
    binding->expires_ns = a->final_ns + SECONDS_NS(contact->seconds);
}

static void grant(const History *h, size_t attempt, const RegistrationGrant *contact)
{
  const RegistrationAttempt *a = attempt_at(h->r, attempt);
  RegistrationBinding *binding = registrations_binding_at(h->r, contact->binding);
  RegistrationEventKind kind = !contact->is_asked  ? REGISTRATION_LISTED
                               : binding->is_bound ? REGISTRATION_REFRESHED
                                                   : REGISTRATION_REGISTERED;

  note_rest(binding, a, contact);
  if (binding->is_bound && !contact->is_asked)
    return;
  if (!binding->is_bound)
    binding->since_ns = a->final_ns;
  binding->is_bound = true;
  binding->is_assumed = contact->is_assumed;
  binding->granted_ns = a->final_ns;
  binding->expires_ns = contact->is_known ? binding->expires_ns : TIME_NONE;
  binding->ended_ns = TIME_NONE;
  binding->seconds = contact->seconds;
  binding->challenges_in_a_row = 0;
  binding->refreshes += kind == REGISTRATION_REFRESHED;
  binding->state = REGISTRATION_REGISTERED;
  h->granted_by[contact->binding] = (uint32_t) attempt;
  RegistrationEvent *event = add_event(h->r, a, kind, contact->binding);
  event->seconds = contact->seconds;
  event->is_assumed = contact->is_assumed;
}

static void remove_binding(const History *h, const RegistrationAttempt *a, uint32_t index)
{
  add_event(h->r, a, REGISTRATION_REMOVED, index);
  end_binding(registrations_binding_at(h->r, index), REGISTRATION_REMOVED, a->final_ns);
}

static bool names_binding(const Registrations *r, const RegistrationAttempt *a, uint32_t binding)
{
  for (uint32_t i = 0; i < a->contact_count; i++)
    if (contact_at(r, a, i)->binding == binding)
      return true;
  return false;
}

static uint32_t first_asked(const Registrations *r, const RegistrationAttempt *a)
{
  for (uint32_t i = 0; i < a->contact_count; i++)
    if (contact_at(r, a, i)->is_asked)
      return contact_at(r, a, i)->binding;
  return REGISTRATION_NONE;
}

/* Those that the registrar had and does not list any more. */
static void end_unlisted(const History *h, const RegistrationAttempt *a, uint32_t by)
{
  const RegistrationAor *aor = h->r->aors->pdata[a->aor];

  for (uint32_t i = aor->first_binding; i != REGISTRATION_NONE;
       i = registrations_binding_at(h->r, i)->next) {
    RegistrationBinding *binding = registrations_binding_at(h->r, i);
    if (!binding->is_bound)
      continue;
    const RegistrationAttempt *granted = attempt_at(h->r, h->granted_by[i]);
    if (!is_same_host(trace_endpoint(h->r->trace, granted->registrar),
                      trace_endpoint(h->r->trace, a->registrar)) ||
        names_binding(h->r, a, i))
      continue;
    add_event(h->r, a, REGISTRATION_REPLACED, i)->other = by;
    end_binding(binding, REGISTRATION_REPLACED, a->final_ns);
  }
}

static void remove_all(const History *h, const RegistrationAttempt *a)
{
  const RegistrationAor *aor = h->r->aors->pdata[a->aor];
  bool removed = false;

  for (uint32_t i = aor->first_binding; i != REGISTRATION_NONE;
       i = registrations_binding_at(h->r, i)->next)
    if (registrations_binding_at(h->r, i)->is_bound) {
      remove_binding(h, a, i);
      removed = true;
    }
  if (!removed)
    add_event(h->r, a, REGISTRATION_REMOVED, REGISTRATION_NONE);
}

static void apply_success(const History *h, size_t attempt)
{
  Registrations *r = h->r;
  const RegistrationAttempt *a = attempt_at(r, attempt);
  uint32_t asked = first_asked(r, a), by = REGISTRATION_NONE;

  if (a->removes_all) {
    remove_all(h, a);
    return;
  }
  if (asked == REGISTRATION_NONE && a->request != 0)
    add_event(r, a, REGISTRATION_QUERIED, REGISTRATION_NONE);
  for (uint32_t i = 0; i < a->contact_count; i++) {
    const RegistrationGrant *contact = contact_at(r, a, i);
    if (contact->is_removal) {
      remove_binding(h, a, contact->binding);
    } else {
      grant(h, attempt, contact);
      by = contact->is_asked && by == REGISTRATION_NONE ? contact->binding : by;
    }
  }
  if (a->lists)
    end_unlisted(h, a, by);
}

/* A refusal is about the first contact that was asked for; what was bound stays so (10.2.4). */
static void apply_failure(const History *h, const RegistrationAttempt *a)
{
  uint32_t index = first_asked(h->r, a);
  RegistrationEventKind kind = a->status == 0                         ? REGISTRATION_UNANSWERED
                               : a->status == 401 || a->status == 407 ? REGISTRATION_CHALLENGED
                                                                      : REGISTRATION_REJECTED;
  RegistrationEvent *event = add_event(h->r, a, kind, index);

  event->seconds = a->status == 423 ? a->min_expires : 0;
  if (index == REGISTRATION_NONE)
    return;
  RegistrationBinding *binding = registrations_binding_at(h->r, index);
  binding->rejections += kind == REGISTRATION_REJECTED;
  binding->challenges += kind == REGISTRATION_CHALLENGED;
  if (kind == REGISTRATION_CHALLENGED && a->has_credentials && !a->is_stale)
    binding->challenges_in_a_row++;
  else if (kind != REGISTRATION_CHALLENGED)
    binding->challenges_in_a_row = 0;
  if (!binding->is_bound && binding->since_ns == TIME_NONE)
    binding->state = (uint8_t) kind;
}

static void apply(const History *h, size_t attempt)
{
  const RegistrationAttempt *a = attempt_at(h->r, attempt);
  const RegistrationAor *aor = h->r->aors->pdata[a->aor];

  for (uint32_t i = aor->first_binding; i != REGISTRATION_NONE;
       i = registrations_binding_at(h->r, i)->next)
    lapse_if_due(h, i, a->time_ns);
  if (a->status >= 200 && a->status < 300)
    apply_success(h, attempt);
  else
    apply_failure(h, a);
}

static gint compare_attempts(gconstpointer a, gconstpointer b)
{
  const RegistrationAttempt *left = a, *right = b;

  if (left->time_ns != right->time_ns)
    return left->time_ns < right->time_ns ? -1 : 1;
  return left->request < right->request ? -1 : left->request > right->request;
}

/* Stable: events of one message stay in their order. */
static gint compare_events(gconstpointer a, gconstpointer b, gpointer unused)
{
  const RegistrationEvent *left = a, *right = b;

  (void) unused;
  if (left->aor != right->aor)
    return left->aor < right->aor ? -1 : 1;
  return left->time_ns < right->time_ns ? -1 : left->time_ns > right->time_ns;
}

static void give_events(Registrations *r)
{
  g_qsort_with_data(r->events->data, (gint) r->events->len, sizeof(RegistrationEvent),
                    compare_events, NULL);
  for (guint i = 0; i < r->events->len; i++) {
    RegistrationAor *aor = r->aors->pdata[g_array_index(r->events, RegistrationEvent, i).aor];
    if (aor->event_count++ == 0)
      aor->first_event = i;
  }
}

void registrations_finish(Registrations *r)
{
  g_autofree uint32_t *granted_by = g_new0(uint32_t, MAX(r->bindings->len, 1U));
  const History history = {r, granted_by};

  g_assert(!r->is_finished);
  r->is_finished = true;
  g_array_sort(r->attempts, compare_attempts);
  for (guint i = 0; i < r->attempts->len; i++)
    apply(&history, i);
  for (guint i = 0; i < r->bindings->len; i++)
    lapse_if_due(&history, i, trace_now(r->trace));
  give_events(r);
  g_clear_pointer(&r->attempts, g_array_unref);
  g_clear_pointer(&r->contacts, g_array_unref);
}
