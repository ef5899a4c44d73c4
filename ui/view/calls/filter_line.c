#include "ui/view/calls/filter_line.h"

#include "ui/show/text.h"

/* --- completion --- */

static const char *const JOINERS[] = {"and", "or", "not", "any(", "all("};
static const char *const OPERATORS[] = {"contains", "matches", "in"};

static bool is_of_word(char c)
{
  return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

static Slice last_word(Slice text)
{
  size_t at = text.len;

  while (at > 0 && is_of_word(text.data[at - 1]))
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

/* "call.outcome == " without its operator; absent when there is none. */
static Slice before_comparison(Slice text)
{
  static const char *const COMPARISONS[] = {"==", "!=", " eq", " ne"};

  text = trim_end(text);
  for (size_t i = 0; i < G_N_ELEMENTS(COMPARISONS); i++)
    if (ends_with(text, COMPARISONS[i]))
      return trim_end(slice_head(text, text.len - strlen(COMPARISONS[i])));
  return SLICE_NONE;
}

/* "call.outcome in {busy, " without its list; absent when there is none. */
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

/* What stands before a place where a value is wanted; absent where none is. */
static Slice before_value(Slice text)
{
  Slice before = before_comparison(text);

  return before.data ? before : before_list(text);
}

static void add(GPtrArray *candidates, Slice word, const char *candidate)
{
  if (slice_starts_with_nocase(slice_from_string(candidate), word))
    g_ptr_array_add(candidates, g_strdup(candidate));
}

static void add_words(GPtrArray *candidates, Slice word, const char *const *words)
{
  for (size_t i = 0; words && words[i]; i++)
    add(candidates, word, words[i]);
}

static void add_fields(GPtrArray *candidates, Slice word)
{
  for (size_t i = 0; i < field_count(); i++) {
    const Field *field = field_at(i);
    g_autofree char *named = g_strdup_printf("%s[\"", field->key);

    add(candidates, word, field->takes_name ? named : field->key);
  }
}

static void add_behind_field(GPtrArray *candidates, Slice word)
{
  for (size_t i = 0; i < G_N_ELEMENTS(OPERATORS); i++)
    add(candidates, word, OPERATORS[i]);
}

static void add_joiners(GPtrArray *candidates, Slice word)
{
  for (size_t i = 0; word.len > 0 && i < G_N_ELEMENTS(JOINERS); i++)
    add(candidates, word, JOINERS[i]);
}

size_t filter_complete(void *data, Slice before_cursor, GPtrArray *candidates)
{
  Slice word = last_word(before_cursor);
  Slice before = slice_head(before_cursor, before_cursor.len - word.len);
  Slice compared = before_value(before);
  bool behind_field = field_find(last_word(trim_end(before))) != NULL;

  (void) data;
  if (compared.data) {
    const Field *field = field_find(last_word(compared));
    add_words(candidates, word, field ? field_words(field) : NULL);
    return before.len;
  }
  add_joiners(candidates, word);
  if (behind_field)
    add_behind_field(candidates, word);
  else
    add_fields(candidates, word);
  return before.len;
}

/* --- the line --- */

#define LABEL "Filter: "

enum {
  LINES_TYPED = 4, /* what can follow, the filter itself, and two for what is wrong */
  LINES_FROM = 12, /* where there are as many in all */
};

struct FilterLine {
  Config *config;
  Prompt *prompt;
  GPtrArray *history; /* char * */
  char *applied;      /* text of the filter that is applied; empty: none */
  char *before;       /* the same when typing began */
  char *fault;        /* what is wrong with the text, in one line; or NULL */
  size_t fault_at;    /* columns of the text before the place */
  bool typed;
};

static GPtrArray *load_history(const Config *config)
{
  GPtrArray *history = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) lines = config_list(config, "history", "filters");

  for (size_t i = 0; lines && lines[i] && i < PROMPT_HISTORY_MAX; i++)
    g_ptr_array_add(history, g_strdup(lines[i]));
  return history;
}

static void store_history(FilterLine *line)
{
  g_ptr_array_add(line->history, NULL);
  config_set_list(line->config, "history", "filters", (const char *const *) line->history->pdata);
  g_ptr_array_set_size(line->history, (int) line->history->len - 1);
}

FilterLine *filter_line_new(Config *config)
{
  FilterLine *line = g_new0(FilterLine, 1);

  line->config = config;
  line->prompt = prompt_new(LABEL, NULL);
  line->history = load_history(config);
  line->applied = g_strdup("");
  line->before = g_strdup("");
  prompt_set_history(line->prompt, line->history);
  prompt_set_complete(line->prompt, filter_complete, NULL);
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
  g_free(line->fault);
  g_free(line);
}

bool filter_line_is_typed(const FilterLine *line)
{
  return line->typed;
}

static bool is_blank(const char *text)
{
  return slice_trim(slice_from_string(text)).len == 0;
}

/* Takes the text as what is applied; false when it was so already. */
static bool apply(FilterLine *line, const char *text)
{
  g_autofree char *was = line->applied;

  line->applied = g_strdup(is_blank(text) ? "" : text);
  return strcmp(was, line->applied) != 0;
}

/* The sentence of the error, and where its caret stands (display_filter.h). */
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

/* The list follows what is right; what is not is told. */
static bool check(FilterLine *line)
{
  const char *text = prompt_text(line->prompt);
  g_autoptr(GError) error = NULL;
  g_autoptr(DisplayFilter) filter = is_blank(text) ? NULL : display_filter_new(text, &error);

  (void) filter;
  note_fault(line, error);
  return !error && apply(line, text);
}

DisplayFilter *filter_line_make(const FilterLine *line)
{
  return is_blank(line->applied) ? NULL : display_filter_new(line->applied, NULL);
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
  prompt_set_text(line->prompt, text);
  check(line);
}

static void end_typing(FilterLine *line, const char *text)
{
  line->typed = false;
  prompt_set_text(line->prompt, text);
  note_fault(line, NULL);
}

static FilterLineResult changed_if(bool changed)
{
  return changed ? FILTER_LINE_CHANGED : FILTER_LINE_TAKEN;
}

/* What is wrong has to be mended first. */
static FilterLineResult accept(FilterLine *line)
{
  if (line->fault)
    return FILTER_LINE_TAKEN;
  prompt_remember(line->prompt);
  store_history(line);
  end_typing(line, line->applied);
  return FILTER_LINE_TAKEN;
}

FilterLineResult filter_line_key(FilterLine *line, const KeyEvent *event)
{
  switch (prompt_key(line->prompt, event)) {
  case PROMPT_IGNORED:
    return FILTER_LINE_IGNORED;
  case PROMPT_MOVED:
    return FILTER_LINE_TAKEN;
  case PROMPT_EDITED:
    return changed_if(check(line));
  case PROMPT_DONE:
    return accept(line);
  case PROMPT_CANCELLED:
    end_typing(line, line->before);
    return changed_if(apply(line, line->before));
  }
  g_assert_not_reached();
}

int filter_line_height(const FilterLine *line, int lines)
{
  if (line->typed)
    return lines >= LINES_FROM ? LINES_TYPED : MIN(lines, 1);
  return is_blank(line->applied) ? 0 : 1;
}

/* Under its place in the text, where that is in sight. */
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

/* The line above says what the word can become; those below, what is wrong. */
void filter_line_draw(const FilterLine *line, Canvas *canvas, Rect area)
{
  Rect hint = rect_cut_top(&area, area.height >= LINES_TYPED ? 1 : 0);
  Rect prompt = rect_cut_top(&area, 1);

  canvas_fill(canvas, hint, STYLE_PLAIN);
  if (line->fault)
    draw_fault(line, canvas, area);
  prompt_draw(line->prompt, canvas, prompt, line->typed);
}
