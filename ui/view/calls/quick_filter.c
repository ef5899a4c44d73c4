#include "ui/view/screens.h"
#include "ui/view/widget/form.h"

enum {
  CALLS_BETWEEN = 64, /* counted between two checks of the clock */
  FIELD_KIND = 1,     /* the first of the kinds, after their heading */
  FIELD_FATE = FIELD_KIND + QUICK_KIND_COUNT + 1,
  FIELD_ALL = FIELD_FATE + QUICK_FATE_COUNT,
  FIELD_CLOSE,
};

/* clang-format off */
#define CHECK_HELP "Space or the letter: show or hide; =: only this"

static const FormField FIELDS[] = {
  {.kind = FORM_HEADING, .label = "First request"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "i  INVITE"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "r  REGISTER"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "o  OPTIONS"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "s  SUBSCRIBE"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "n  NOTIFY"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "p  PUBLISH"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "m  MESSAGE"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "e  REFER"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "w  INFO"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "b  BYE"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "t  other"},
  {.kind = FORM_HEADING, .label = "Outcome", .beside = true},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "v  calling"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "z  ringing"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "a  answered, in call"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "c  answered, completed"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "d  answered, no INVITE"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "y  busy"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "x  cancelled"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "3  redirected"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "f  failed"},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = "u  unanswered"},
  {.kind = FORM_BUTTON, .label = "Show all"},
  {.kind = FORM_BUTTON, .label = "Close"},
};
/* clang-format on */

typedef struct {
  View view;
  Form *form;
  size_t counted; /* calls */
  size_t kinds[QUICK_KIND_COUNT], fates[QUICK_FATE_COUNT];
} QuickFilterView;

static void quick_append_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, "quick filter");
}

static void show_choice(QuickFilterView *quick, QuickChoice choice)
{
  for (unsigned i = 0; i < QUICK_KIND_COUNT; i++)
    form_set_checked(quick->form, FIELD_KIND + i, (choice.kinds >> i & 1) == 0);
  for (unsigned i = 0; i < QUICK_FATE_COUNT; i++)
    form_set_checked(quick->form, FIELD_FATE + i, (choice.fates >> i & 1) == 0);
}

/* The list is updated at every change. */
static void apply_choice(QuickFilterView *quick)
{
  QuickChoice choice = {0};

  for (unsigned i = 0; i < QUICK_KIND_COUNT; i++)
    choice.kinds |= (uint32_t) !form_checked(quick->form, FIELD_KIND + i) << i;
  for (unsigned i = 0; i < QUICK_FATE_COUNT; i++)
    choice.fates |= (uint32_t) !form_checked(quick->form, FIELD_FATE + i) << i;
  call_index_set_quick(host_model(quick->view.host)->index, choice);
}

/* --- counts --- */

static void show_counts(QuickFilterView *quick)
{
  char count[24];

  for (unsigned i = 0; i < QUICK_KIND_COUNT; i++) {
    g_snprintf(count, sizeof count, "%zu", quick->kinds[i]);
    form_set_note(quick->form, FIELD_KIND + i, count);
  }
  for (unsigned i = 0; i < QUICK_FATE_COUNT; i++) {
    g_snprintf(count, sizeof count, "%zu", quick->fates[i]);
    form_set_note(quick->form, FIELD_FATE + i, count);
  }
}

/* Counts every call once, including new ones. */
static bool quick_step(View *view, int64_t until_us)
{
  QuickFilterView *quick = (QuickFilterView *) view;
  const Trace *trace = host_model(view->host)->trace;
  size_t count = trace_call_count(trace);
  bool changed = quick->counted < count;

  while (quick->counted < count) {
    const Call *call = trace_call_at(trace, quick->counted++);

    if (call) {
      CallSummary summary = call_summarize(call, trace_now(trace));
      quick->kinds[quick_kind_of(call)]++;
      quick->fates[quick_fate_of(&summary)]++;
    }
    if (quick->counted % CALLS_BETWEEN == 0 && g_get_monotonic_time() >= until_us)
      break;
  }
  if (changed)
    show_counts(quick);
  return changed;
}

/* --- the view --- */

static void quick_draw(View *view, Canvas *canvas, Rect area)
{
  form_draw_dialog(((QuickFilterView *) view)->form, canvas, area, "Quick filter");
}

static bool take(QuickFilterView *quick, FormResult result)
{
  if (result == FORM_PRESSED && form_cursor(quick->form) == FIELD_ALL)
    show_choice(quick, (QuickChoice){0});
  else if (result == FORM_PRESSED)
    host_close(quick->view.host, &quick->view);
  if (result == FORM_CHANGED || result == FORM_PRESSED)
    apply_choice(quick);
  return result != FORM_IGNORED;
}

static bool quick_command(View *view, CommandId id)
{
  QuickFilterView *quick = (QuickFilterView *) view;

  return take(quick, form_command(quick->form, id));
}

/* Of the fields of the cursor's column only that one stays checked. */
static void check_only(QuickFilterView *quick, size_t field)
{
  bool is_kind = field < FIELD_KIND + QUICK_KIND_COUNT;
  size_t first = is_kind ? FIELD_KIND : FIELD_FATE;
  size_t count = is_kind ? (size_t) QUICK_KIND_COUNT : (size_t) QUICK_FATE_COUNT;

  for (size_t i = first; i < first + count; i++)
    form_set_checked(quick->form, i, i == field);
  apply_choice(quick);
}

/* The letters before the names, and =. */
static bool quick_key(View *view, const KeyEvent *event)
{
  QuickFilterView *quick = (QuickFilterView *) view;
  size_t cursor = form_cursor(quick->form);

  if (event->code == '=' && FIELDS[cursor].kind == FORM_CHECK) {
    check_only(quick, cursor);
    return true;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
    if (FIELDS[i].kind != FORM_CHECK || event->code != (KeyCode) (unsigned char) *FIELDS[i].label)
      continue;
    form_set_cursor(quick->form, i);
    form_set_checked(quick->form, i, !form_checked(quick->form, i));
    apply_choice(quick);
    return true;
  }
  return false;
}

static bool quick_mouse(View *view, const KeyEvent *event)
{
  QuickFilterView *quick = (QuickFilterView *) view;

  return take(quick, form_mouse(quick->form, event));
}

static void quick_close(View *view)
{
  QuickFilterView *quick = (QuickFilterView *) view;

  form_free(quick->form);
  g_free(quick);
}

View *quick_filter_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FORM,
    .is_dialog = true,
    .append_title = quick_append_title,
    .draw = quick_draw,
    .command = quick_command,
    .close = quick_close,
    .key = quick_key,
    .mouse = quick_mouse,
    .step = quick_step,
  };
  QuickFilterView *quick = g_new0(QuickFilterView, 1);

  G_STATIC_ASSERT(G_N_ELEMENTS(FIELDS) == FIELD_CLOSE + 1);
  quick->view = (View){.ops = &OPS, .host = host};
  quick->form = form_new(FIELDS, G_N_ELEMENTS(FIELDS));
  show_choice(quick, call_index_quick(host_model(host)->index));
  show_counts(quick);
  return &quick->view;
}
