/* The page of one address-of-record: its bindings, and what happened to them. */
#include "capture/language.h"
#include "ui/show/registration_text.h"
#include "ui/view/registrations/registration_lines.h"
#include "ui/view/screens.h"
#include "ui/view/widget/line_page.h"

enum { RUNS_MAX = 5000 };

typedef struct {
  View view;
  char *name; /* of the address-of-record */
  LinePage page;
} RegistrationView;

Style registration_event_style(RegistrationEventKind kind)
{
  switch (kind) {
  case REGISTRATION_REJECTED:
    return STYLE_ERROR;
  case REGISTRATION_LAPSED:
  case REGISTRATION_REPLACED:
  case REGISTRATION_UNANSWERED:
    return STYLE_WARNING;
  case REGISTRATION_CHALLENGED:
  case REGISTRATION_QUERIED:
  case REGISTRATION_LISTED:
    return STYLE_DIM;
  case REGISTRATION_REGISTERED:
  case REGISTRATION_REFRESHED:
  case REGISTRATION_REMOVED:
  case REGISTRATION_EVENT_COUNT:
    break;
  }
  return STYLE_PLAIN;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static void add_bindings(RegistrationView *self, const RegistrationText *text,
                         const RegistrationAor *aor)
{
  g_autoptr(GString) raw = g_string_new(NULL);
  uint32_t next = aor->first_binding;

  line_page_add_heading(&self->page,
                        next == REGISTRATION_NONE ? _("No contact was registered") : _("Bindings"));
  while (next != REGISTRATION_NONE) {
    const RegistrationBinding *binding = registrations_binding(text->registrations, next);
    g_string_truncate(raw, 0);
    g_string_append_len(raw, binding->contact.data, (gssize) binding->contact.len);
    g_string_append(raw, _(": "));
    registration_append_facts(text, binding, raw);
    line_page_add(&self->page, (LineOf){.style = registration_event_style(binding->state)},
                  slice_of(raw->str, raw->len));
    next = binding->next;
  }
}

/* Of very many only the newest. */
static void add_events(RegistrationView *self, const RegistrationText *text,
                       const RegistrationAor *aor)
{
  g_autoptr(GString) raw = g_string_new(NULL);
  RegistrationRun run;
  uint32_t at = aor->event_count > RUNS_MAX ? aor->event_count - RUNS_MAX : 0;

  line_page_add_heading(&self->page, _("Timeline"));
  if (at > 0) {
    g_string_printf(raw, _("%u earlier events are not shown"), at);
    line_page_add(&self->page, (LineOf){.style = STYLE_HINT}, slice_of(raw->str, raw->len));
  }
  while (registration_next_run(text->registrations, aor, REGISTRATION_ALL, &at, &run)) {
    const RegistrationEvent *event = run.last;
    g_string_truncate(raw, 0);
    registration_append_run(text, &run, aor->binding_count > 1, raw);
    line_page_add(&self->page,
                  (LineOf){.style = registration_event_style(event->kind),
                           .call = event->call,
                           .message = event->request != 0 ? event->request : event->final},
                  slice_of(raw->str, raw->len));
  }
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void append_title(const View *view, GString *to)
{
  const RegistrationView *self = (const RegistrationView *) view;

  g_string_append(to, _("registration of "));
  text_append_safe(to, slice_from_string(self->name), host_model(view->host)->charset);
}

static void registration_view_draw(View *view, Canvas *canvas, Rect area)
{
  RegistrationView *self = (RegistrationView *) view;

  line_page_draw(&self->page, canvas, area);
}

static bool registration_view_command(View *view, CommandId id)
{
  RegistrationView *self = (RegistrationView *) view;

  return line_page_command(&self->page, id);
}

static bool registration_view_mouse(View *view, const KeyEvent *event)
{
  RegistrationView *self = (RegistrationView *) view;

  return line_page_mouse(&self->page, event);
}

static void registration_view_close(View *view)
{
  RegistrationView *self = (RegistrationView *) view;

  line_page_clear(&self->page);
  g_free(self->name);
  g_free(self);
}

static bool lasts_days(const Registrations *registrations, const RegistrationAor *aor, Clock *clock)
{
  uint32_t first = aor->first_event, count = aor->event_count;

  return count > 0 &&
         clock_day(clock, registrations_event(registrations, first)->time_ns) !=
           clock_day(clock, registrations_event(registrations, first + count - 1)->time_ns);
}

View *registration_view_new(Host *host, const Registrations *registrations, uint32_t aor)
{
  static const ViewOps OPS = {
    .scope = SCOPE_REGISTRATION,
    .append_title = append_title,
    .draw = registration_view_draw,
    .command = registration_view_command,
    .close = registration_view_close,
    .mouse = registration_view_mouse,
  };
  const AppModel *model = host_model(host);
  const RegistrationAor *of = registrations_aor(registrations, aor);
  Clock clock = clock_new(TIME_ABSOLUTE, config_bool(model->config, SETTING_UTC));
  const RegistrationText text = {
    .registrations = registrations,
    .trace = model->trace,
    .aliases = config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL,
    .clock = &clock,
  };
  RegistrationView *self = g_new0(RegistrationView, 1);

  clock.digits = 3;
  clock.date = lasts_days(registrations, of, &clock);
  self->view = (View){.ops = &OPS, .host = host};
  self->name = g_strndup(of->name.data, of->name.len);
  line_page_init(&self->page, host);
  add_bindings(self, &text, of);
  add_events(self, &text, of);
  return &self->view;
}
