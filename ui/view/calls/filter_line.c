#include "ui/view/calls/filter_line.h"

#include "capture/language.h"
#include "ui/show/text.h"
#include "ui/view/config/saved_filters.h"
#include "ui/view/screens.h"
#include "ui/view/widget/form.h"

/* --- completion --- */

static const char *const JOINERS[] = {"and", "or", "not", "any(", "all(", NULL};
static const char *const OPERATORS[] = {"contains", "matches", "in", NULL};

static Slice last_word(Slice text)
{
  size_t at = text.len;

  while (at > 0 && (g_ascii_isalnum(text.data[at - 1]) || strchr("._-", text.data[at - 1])))
    at--;
  return slice_from(text, at);
}

static Slice trim_end(Slice text)
{
  while (text.len > 0 && text.data[text.len - 1] == ' ')
    text.len--;
  return text;
}

static bool ends_with(Slice text, const char *end)
{
  size_t len = strlen(end);

  return text.len >= len && slice_eq_nocase(slice_from(text, text.len - len), slice_of(end, len));
}

/* "call.outcome == " without its operator; absent if there is none. */
static Slice before_comparison(Slice text)
{
  static const char *const COMPARISONS[] = {"==", "!=", " eq", " ne"};

  text = trim_end(text);
  for (size_t i = 0; i < G_N_ELEMENTS(COMPARISONS); i++)
    if (ends_with(text, COMPARISONS[i]))
      return trim_end(slice_head(text, text.len - strlen(COMPARISONS[i])));
  return SLICE_NONE;
}

/* "call.outcome in {busy, " without its list; absent if there is none. */
static Slice before_list(Slice text)
{
  size_t at = text.len;

  while (at > 0 && text.data[at - 1] != '{' && text.data[at - 1] != '}')
    at--;
  if (at == 0 || text.data[at - 1] == '}')
    return SLICE_NONE;
  text = trim_end(slice_head(text, at - 1));
  return ends_with(text, " in") ? trim_end(slice_head(text, text.len - strlen(" in"))) : SLICE_NONE;
}

static void add_word(GPtrArray *candidates, Slice word, const char *candidate)
{
  if (slice_starts_with_nocase(slice_from_string(candidate), word))
    g_ptr_array_add(candidates, g_strdup(candidate));
}

static void add_words(GPtrArray *candidates, Slice word, const char *const *words)
{
  for (size_t i = 0; words && words[i]; i++)
    add_word(candidates, word, words[i]);
}

/* "@" and the name of a saved filter; false for any other text. */
static bool add_saved(const Config *config, Slice text, GPtrArray *candidates)
{
  g_auto(GStrv) names = config_keys(config, "filters");

  if (text.len == 0 || text.data[0] != '@')
    return false;
  for (size_t i = 0; names[i]; i++) {
    g_autofree char *name = g_strconcat("@", names[i], NULL);
    add_word(candidates, text, name);
  }
  return true;
}

size_t filter_complete(void *data, Slice before_cursor, GPtrArray *candidates)
{
  Slice word = last_word(before_cursor);
  Slice before = slice_head(before_cursor, before_cursor.len - word.len);
  Slice comparison = before_comparison(before);
  Slice compared = comparison.data ? comparison : before_list(before);

  if (data && add_saved(data, before_cursor, candidates))
    return 0;
  if (compared.data) { /* a value */
    const Field *field = field_find(last_word(compared));
    add_words(candidates, word, field ? field_words(field) : NULL);
    return before.len;
  }
  if (word.len > 0)
    add_words(candidates, word, JOINERS);
  if (field_find(last_word(trim_end(before)))) {
    add_words(candidates, word, OPERATORS);
    return before.len;
  }
  /* Those that begin with the word, and then those whose last part does: "status". */
  for (size_t i = 0; i < field_count(); i++) {
    const Field *field = field_at(i);
    g_autofree char *named = g_strdup_printf("%s[\"", field->key);
    if (field->scope != FIELD_OF_STREAM)
      add_word(candidates, word, field->takes_name ? named : field->key);
  }
  for (size_t i = 0; i < field_count() && word.len > 0; i++) {
    const Field *field = field_at(i);
    Slice last = slice_from_string(field->key);
    slice_cut(&last, '.');
    if (field->scope != FIELD_OF_STREAM && slice_starts_with_nocase(last, word))
      g_ptr_array_add(candidates, g_strdup(field->key));
  }
  return before.len;
}

/* --- the line --- */

#define LABEL "Filter: "

enum {
  LINES_TYPED = 4, /* completions, the filter itself, and two for an error */
  LINES_FROM = 12, /* on screens with so many */
};

struct FilterLine {
  Config *config;
  Prompt *prompt;
  GPtrArray *history; /* char * */
  char *applied;      /* text of the filter that is applied; empty: none */
  char *before;       /* the same when typing began */
  FilterRows rows;
  char *reading;   /* how its words are understood, or NULL */
  char *fault;     /* the error in the text, one line; or NULL */
  size_t fault_at; /* its column in the text */
  bool typed;
};

FilterLine *filter_line_new(Config *config, const FilterRows *rows)
{
  FilterLine *line = g_new0(FilterLine, 1);
  g_auto(GStrv) filters = config_list(config, "history", "filters");

  line->config = config;
  line->rows = *rows;
  line->prompt = prompt_new(LABEL, NULL);
  line->history = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; filters && filters[i] && i < PROMPT_HISTORY_MAX; i++)
    g_ptr_array_add(line->history, g_strdup(filters[i]));
  line->applied = g_strdup("");
  line->before = g_strdup("");
  prompt_set_history(line->prompt, line->history);
  prompt_set_complete(line->prompt, filter_complete, config);
  return line;
}

void filter_line_free(FilterLine *line)
{
  if (!line)
    return;
  prompt_free(line->prompt);
  g_ptr_array_unref(line->history);
  g_free(line->applied);
  g_free(line->before);
  g_free(line->reading);
  g_free(line->fault);
  g_free(line);
}

bool filter_line_is_typed(const FilterLine *line)
{
  return line->typed;
}

bool filter_line_is_invalid(const FilterLine *line)
{
  return line->fault != NULL;
}

static bool is_blank(const char *text)
{
  return slice_trim(slice_from_string(text)).len == 0;
}

/* Applies the text; false if it was applied already. */
static bool apply_text(FilterLine *line, const char *text)
{
  g_autofree char *was = line->applied;

  line->applied = g_strdup(is_blank(text) ? "" : text);
  return strcmp(was, line->applied) != 0;
}

/* The sentence of the error, and the column of its caret (display_filter.h). */
static void note_fault(FilterLine *line, const GError *error)
{
  g_clear_pointer(&line->fault, g_free);
  if (!error)
    return;
  Slice rest = slice_from_string(error->message);
  line->fault = slice_dup(slice_take_line(&rest));
  slice_take_line(&rest);
  line->fault_at = rest.len > strlen("  ^") ? rest.len - strlen("  ^") : 0;
}

/* Applies a valid text, reports an invalid one. */
static bool check_typed(FilterLine *line)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = saved_filter_expand(line->config, prompt_text(line->prompt), &error);
  g_autoptr(DisplayFilter) filter =
    !text || is_blank(text) ? NULL : display_filter_new_for_rows(text, &line->rows, &error);

  g_free(line->reading);
  line->reading = filter ? g_strdup(display_filter_reading(filter)) : NULL;
  note_fault(line, error);
  return !error && apply_text(line, text);
}

DisplayFilter *filter_line_make(const FilterLine *line)
{
  return is_blank(line->applied) ? NULL
                                 : display_filter_new_for_rows(line->applied, &line->rows, NULL);
}

const char *filter_line_text(const FilterLine *line)
{
  return line->applied;
}

void filter_line_begin(FilterLine *line)
{
  if (line->typed)
    return;
  line->typed = true;
  g_free(line->before);
  line->before = g_strdup(line->applied);
}

void filter_line_set(FilterLine *line, const char *text)
{
  line->typed = false;
  prompt_set_text(line->prompt, text);
  check_typed(line);
}

static FilterLineResult changed_if(bool changed)
{
  return changed ? FILTER_LINE_CHANGED : FILTER_LINE_TAKEN;
}

/* Ends typing, and adds the filter to the history. */
static void keep_filter(FilterLine *line)
{
  prompt_remember(line->prompt);
  g_ptr_array_add(line->history, NULL);
  config_set_list(line->config, "history", "filters", (const char *const *) line->history->pdata);
  g_ptr_array_set_size(line->history, (int) line->history->len - 1);
  filter_line_set(line, line->applied);
}

FilterLineResult filter_line_key(FilterLine *line, const KeyEvent *event)
{
  switch (prompt_key(line->prompt, event)) {
  case PROMPT_IGNORED:
    return FILTER_LINE_IGNORED;
  case PROMPT_MOVED:
    return FILTER_LINE_TAKEN;
  case PROMPT_EDITED:
    return changed_if(check_typed(line));
  case PROMPT_DONE:
    if (!line->fault) /* an error has to be corrected first */
      keep_filter(line);
    return FILTER_LINE_TAKEN;
  case PROMPT_CANCELLED:
    line->typed = false;
    prompt_set_text(line->prompt, line->before);
    return changed_if(check_typed(line));
  }
  g_assert_not_reached();
}

int filter_line_height(const FilterLine *line, int lines)
{
  if (line->typed)
    return lines >= LINES_FROM ? LINES_TYPED : MIN(lines, 1);
  return is_blank(line->applied) ? 0 : 1;
}

/* The error, with a caret under its place in the text if that is visible. */
static void draw_fault(const FilterLine *line, Canvas *canvas, Rect area)
{
  int x = area.x + (int) (strlen(LABEL) + line->fault_at);
  unsigned width = text_width(slice_from_string(prompt_text(line->prompt)));
  bool scrolled = (int) width + (int) strlen(LABEL) >= area.width;

  canvas_fill(canvas, area, STYLE_PLAIN);
  if (!scrolled && x < area.x + area.width)
    canvas_put_string(canvas, x, area.y, STYLE_WARNING, "^");
  rect_cut_top(&area, 1);
  canvas_put_cell(canvas, area,
                  &(CanvasText){slice_from_string(line->fault), STYLE_WARNING, TEXT_LEFT});
}

/* Room for a remark: the line below while the filter is typed, else what is left after it. */
static Rect remark_place(const FilterLine *line, Rect prompt, Rect below)
{
  unsigned text = text_width(slice_from_string(prompt_text(line->prompt)));

  if (line->typed) {
    rect_cut_left(&below, (int) strlen(LABEL));
    return below;
  }
  rect_cut_left(&prompt, (int) MIN(strlen(LABEL) + text + 2, (unsigned) MAX(prompt.width, 0)));
  return prompt;
}

/* What may be wrong with the list, even where it does not fit; or else how words are understood. */
static void draw_remark(const FilterLine *line, uint64_t undecided, Canvas *canvas, Rect place)
{
  g_autofree char *warning =
    undecided > 0 ? g_strdup_printf(_("%" G_GUINT64_FORMAT " undecided (match limit)"), undecided)
                  : NULL;
  CanvasText remark = {slice_from_string(warning ? warning : line->reading),
                       warning ? STYLE_WARNING : STYLE_HINT, line->typed ? TEXT_LEFT : TEXT_RIGHT};
  bool fits = place.width >= (int) text_width(remark.text);

  if (remark.text.len > 0 && (line->typed || warning || fits))
    canvas_put_cell(canvas, place, &remark);
}

/* Completions are on the line above; errors, or remarks, on those below. */
void filter_line_draw(const FilterLine *line, uint64_t undecided, Canvas *canvas, Rect area)
{
  Rect hint = rect_cut_top(&area, area.height >= LINES_TYPED ? 1 : 0);
  Rect prompt = rect_cut_top(&area, 1);

  canvas_fill(canvas, hint, STYLE_PLAIN);
  if (line->fault)
    draw_fault(line, canvas, area);
  else if (line->typed)
    canvas_fill(canvas, area, STYLE_PLAIN);
  prompt_draw(line->prompt, canvas, prompt, line->typed);
  if (!line->fault)
    draw_remark(line, undecided, canvas, remark_place(line, prompt, rect_cut_top(&area, 1)));
}

/* --- the quick filter --- */

enum {
  CALLS_BETWEEN = 64, /* counted between two checks of the clock */
  FIELD_KIND = 1,     /* the first of the kinds, after their heading */
  FIELD_FATE = FIELD_KIND + QUICK_KIND_COUNT + 1,
  FIELD_ALL = FIELD_FATE + QUICK_FATE_COUNT,
  FIELD_CLOSE,
};

/* clang-format off */
#define CHECK_HELP N_("Space or the letter: show or hide; =: only this")

static const FormField FIELDS[] = {
  {.kind = FORM_HEADING, .label = N_("First request")},
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
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("t  other")},
  {.kind = FORM_HEADING, .label = N_("Outcome"), .beside = true},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("v  calling")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("z  ringing")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("a  answered, in call")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("c  answered, completed")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("d  answered, no INVITE")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("y  busy")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("x  cancelled")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("3  redirected")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("f  failed")},
  {.kind = FORM_CHECK, .help = CHECK_HELP, .label = N_("u  unanswered")},
  {.kind = FORM_BUTTON, .label = N_("Show all")},
  {.kind = FORM_BUTTON, .label = N_("Close")},
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
  g_string_append(to, _("quick filter"));
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
  form_draw_dialog(((QuickFilterView *) view)->form, canvas, area, _("Quick filter"));
}

static bool take_check(QuickFilterView *quick, FormResult result)
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

  return take_check(quick, form_command(quick->form, id));
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

  return take_check(quick, form_mouse(quick->form, event));
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
