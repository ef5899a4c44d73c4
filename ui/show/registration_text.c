#include "ui/show/registration_text.h"

#include "capture/language.h"

bool registration_next_run(const Registrations *r, const RegistrationAor *aor, uint32_t binding,
                           uint32_t *at, RegistrationRun *ret_run)
{
  RegistrationRun run = {NULL, NULL, 0};

  for (; *at < aor->event_count; ++*at) {
    const RegistrationEvent *event = registrations_event(r, aor->first_event + *at);
    if (binding != REGISTRATION_ALL && event->binding != binding)
      continue;
    if (run.first && (event->kind != REGISTRATION_REFRESHED || run.first->kind != event->kind ||
                      run.first->binding != event->binding))
      break;
    run.first = run.first ? run.first : event;
    run.last = event;
    run.count++;
  }
  *ret_run = run;
  return run.count > 0;
}

const char *registration_state_name(const RegistrationBinding *binding)
{
  return _(registration_event_name(binding->state));
}

/* --- Facts ------------------------------------------------------------------------------------ */

static void append_time(const RegistrationText *text, const char *before, int64_t time_ns,
                        GString *to)
{
  char time[TIME_TEXT_MAX];

  if (time_ns != TIME_NONE)
    g_string_append_printf(to, "%s%s", before, clock_format(text->clock, time_ns, time));
}

static void append_slice(GString *to, const char *before, Slice value)
{
  if (!value.data)
    return;
  g_string_append(to, before);
  g_string_append_len(to, value.data, (gssize) value.len);
}

static void append_endpoint(const RegistrationText *text, const char *before, uint32_t endpoint,
                            GString *to)
{
  g_string_append(to, before);
  aliases_append(text->aliases, trace_endpoint(text->trace, endpoint), ALIAS_WITH_PORT, to);
}

/* "; 3 refreshes; 1 lapse" */
static void append_counts(const RegistrationBinding *b, GString *to)
{
  if (b->refreshes > 0)
    g_string_append_printf(to, translate_count("; %u refresh", "; %u refreshes", b->refreshes),
                           b->refreshes);
  if (b->lapses > 0)
    g_string_append_printf(to, translate_count("; %u lapse", "; %u lapses", b->lapses), b->lapses);
  if (b->challenges > 0)
    g_string_append_printf(to, translate_count("; %u challenge", "; %u challenges", b->challenges),
                           b->challenges);
  if (b->rejections > 0)
    g_string_append_printf(to, translate_count("; %u rejection", "; %u rejections", b->rejections),
                           b->rejections);
}

void registration_append_facts(const RegistrationText *text, const RegistrationBinding *binding,
                               GString *to)
{
  g_string_append(to, registration_state_name(binding));
  append_time(text, binding->is_bound ? _(" since ") : _(" at "),
              binding->is_bound ? binding->since_ns : binding->ended_ns, to);
  append_time(text, _(", expires "), binding->expires_ns, to);
  append_endpoint(text, _("; from "), binding->source, to);
  append_endpoint(text, _(" to "), binding->registrar, to);
  g_string_append(to, binding->is_behind_nat ? _(" (behind NAT)") : "");
  append_counts(binding, to);
  if (binding->q.data)
    g_string_append(to, _("; "));
  append_slice(to, "q ", binding->q);
  append_slice(to, _("; instance "), binding->instance);
  append_slice(to, _(", reg-id "), binding->reg_id);
  append_slice(to, _("; public GRUU "), binding->pub_gruu);
  append_slice(to, _("; temporary GRUU "), binding->temp_gruu);
  append_slice(to, _("; Path "), binding->path);
  append_slice(to, _("; Service-Route "), binding->service_route);
  append_slice(to, _("; "), binding->user_agent);
}

/* --- Events ----------------------------------------------------------------------------------- */

static void append_granted(const RegistrationEvent *event, GString *to)
{
  if (event->seconds > 0)
    g_string_append_printf(to, _(" for %u s"), event->seconds);
  if (event->is_assumed)
    g_string_append(to, event->seconds > 0 ? _(" (as asked: the response does not list it)")
                                           : _(" (for how long is not said)"));
}

static void append_refreshes(const RegistrationText *text, const RegistrationRun *run, GString *to)
{
  char each[TIME_TEXT_MAX];
  int64_t took_ns = run->last->time_ns - run->first->time_ns;

  g_string_append(to, _("refreshed"));
  if (run->count > 1) {
    g_string_append_printf(to, _(" %u times"), run->count);
    append_time(text, _(" until "), run->last->time_ns, to);
    g_string_append_printf(to, _(", every %s"), duration_format(took_ns / (run->count - 1), each));
  }
  append_granted(run->last, to);
}

static void append_refusal(const RegistrationEvent *event, GString *to)
{
  const char *phrase = sip_status_text(event->status);

  g_string_append_printf(to, "%s%s%u%s%s", _(registration_event_name(event->kind)), _(": "),
                         event->status, phrase ? " " : "", phrase ? phrase : "");
  if (event->kind == REGISTRATION_CHALLENGED && event->has_credentials)
    g_string_append(to, _(", in spite of credentials"));
  if (event->kind == REGISTRATION_REJECTED && event->seconds > 0)
    g_string_append_printf(to, _("; at least %u s are required"), event->seconds);
}

static void append_what(const RegistrationText *text, const RegistrationRun *run, GString *to)
{
  const RegistrationEvent *event = run->first;

  switch ((RegistrationEventKind) event->kind) {
  case REGISTRATION_REGISTERED:
    g_string_append(to, _("registered"));
    append_granted(event, to);
    break;
  case REGISTRATION_REFRESHED:
    append_refreshes(text, run, to);
    break;
  case REGISTRATION_LISTED:
    g_string_append(to, _("listed by the registrar"));
    if (event->seconds > 0)
      g_string_append_printf(to, _(", %u s left"), event->seconds);
    g_string_append(to, _("; what registered it was not captured"));
    break;
  case REGISTRATION_REPLACED:
    g_string_append(to, _("no longer listed by the registrar"));
    if (event->other != REGISTRATION_NONE)
      append_slice(to, _(", which registered "),
                   registrations_binding(text->registrations, event->other)->contact);
    break;
  case REGISTRATION_REMOVED:
    g_string_append(to,
                    event->binding == REGISTRATION_NONE ? _("all bindings removed") : _("removed"));
    break;
  case REGISTRATION_LAPSED:
    g_string_append_printf(to, _("lapsed: not refreshed within %u s"), event->seconds);
    break;
  case REGISTRATION_CHALLENGED:
  case REGISTRATION_REJECTED:
    append_refusal(event, to);
    break;
  case REGISTRATION_UNANSWERED:
    g_string_append(to, _("no final response was captured"));
    break;
  case REGISTRATION_QUERIED:
    g_string_append(to, _("bindings queried"));
    break;
  case REGISTRATION_EVENT_COUNT:
    g_assert_not_reached();
  }
}

static void append_messages(const RegistrationEvent *event, GString *to)
{
  if (event->request != 0 && event->final != 0)
    g_string_append_printf(to, _("; messages %u, %u"), event->request, event->final);
  else
    g_string_append_printf(to, _("; message %u"), MAX(event->request, event->final));
}

void registration_append_run(const RegistrationText *text, const RegistrationRun *run, bool names,
                             GString *to)
{
  const RegistrationEvent *event = run->first;

  append_time(text, "", event->time_ns, to);
  g_string_append(to, "  ");
  if (names && event->binding != REGISTRATION_NONE) {
    append_slice(to, "", registrations_binding(text->registrations, event->binding)->contact);
    g_string_append_c(to, ' ');
  }
  append_what(text, run, to);
  append_messages(run->last, to);
}

void registration_append_left_out(const Registrations *registrations, GString *to)
{
  const RegistrationsLeftOut left_out = registrations_left_out(registrations);
  const struct {
    uint64_t count;
    const char *what;
  } ROWS[] = {{left_out.aors, N_("REGISTERs of further addresses-of-record")},
              {left_out.attempts, N_("further REGISTERs")},
              {left_out.contacts, N_("further contacts")},
              {left_out.unreadable, N_("REGISTERs that could not be read again")}};
  bool is_first = true;

  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    if (ROWS[i].count == 0)
      continue;
    g_string_append_printf(to, "%s%" G_GUINT64_FORMAT " %s", is_first ? _("left out: ") : _(", "),
                           ROWS[i].count, _(ROWS[i].what));
    is_first = false;
  }
}
