/* The palette: commands by their names. */
#include "capture/nearest.h"
#include "ui/view/widget/ask.h"

static bool fits(CommandId id, CommandScope scope)
{
  return (COMMANDS[id].scopes & scope) != 0;
}

/* Without regard to case; COMMANDS are ASCII. */
static bool has_word(const char *text, const char *word)
{
  g_autofree char *lower = g_ascii_strdown(text, -1);

  return strstr(lower, word) != NULL;
}

typedef enum {
  MATCH_START, /* of the name */
  MATCH_NAME,
  MATCH_HELP,
  MATCH_COUNT,
} MatchKind;

static bool matches(CommandId id, const char *word, MatchKind kind)
{
  switch (kind) {
  case MATCH_START:
    return g_str_has_prefix(COMMANDS[id].name, word);
  case MATCH_NAME:
    return has_word(COMMANDS[id].name, word);
  case MATCH_HELP:
    return has_word(COMMANDS[id].help, word);
  case MATCH_COUNT:
    break;
  }
  g_assert_not_reached();
}

/* Names that begin so, or else have it, or else those whose help has it. */
static GPtrArray *find_names(CommandScope scope, Slice typed)
{
  g_autofree char *as_typed = slice_dup(typed);
  g_autofree char *word = g_ascii_strdown(as_typed, -1);
  GPtrArray *names = g_ptr_array_new();

  for (MatchKind kind = MATCH_START; kind < MATCH_COUNT && names->len == 0; kind++)
    for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
      if (fits(id, scope) && matches(id, word, kind))
        g_ptr_array_add(names, (gpointer) (uintptr_t) COMMANDS[id].name);
  return names;
}

/* The one whose name begins so, if it is but one. */
static CommandId find_start(CommandScope scope, Slice typed)
{
  g_autoptr(GPtrArray) names = find_names(scope, typed);
  Slice name = names->len == 1 ? slice_from_string(names->pdata[0]) : SLICE_NONE;

  return name.data && slice_starts_with_nocase(name, typed) ? command_find(name) : COMMAND_NONE;
}

static size_t complete(void *data, Slice before_cursor, GPtrArray *candidates)
{
  CommandScope scope = (CommandScope) GPOINTER_TO_UINT(data);
  Slice typed = before_cursor;

  while (typed.len > 0 && typed.data[0] == ' ')
    typed = slice_from(typed, 1);
  g_autoptr(GPtrArray) names = find_names(scope, typed);
  for (unsigned i = 0; i < names->len; i++)
    g_ptr_array_add(candidates, g_strdup(names->pdata[i]));
  return before_cursor.len - typed.len;
}

static void tell_unknown(Host *host, CommandScope scope, const char *typed)
{
  const char *words[COMMAND_COUNT] = {NULL};
  size_t count = 0;

  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if (fits(id, scope))
      words[count++] = COMMANDS[id].name;
  const char *near = nearest_word(typed, words);
  if (near)
    host_tell(host, STYLE_ERROR, "unknown command '%.40s'; did you mean '%s'?", typed, near);
  else
    host_tell(host, STYLE_ERROR, "unknown command '%.40s'; Tab shows what there is", typed);
}

static void go(Host *host, CommandScope scope, uint32_t number)
{
  View *view = host_view(host);

  if (!view->ops->go)
    host_tell(host, STYLE_ERROR, "nothing is numbered here");
  else if (number == 0 || !view->ops->go(view, number))
    host_tell(host, STYLE_ERROR, "there is no %s %u here",
              scope == SCOPE_CALLS ? "call" : "message", number);
}

static void run(Host *host, CommandScope scope, CommandId id)
{
  if (!fits(id, scope))
    host_tell(host, STYLE_ERROR, "'%s' is no command of this screen (%s)", COMMANDS[id].name,
              screen_info(scope)->title);
  else if (!host_run(host, id))
    host_tell(host, STYLE_ERROR, "'%s' has nothing to do here", COMMANDS[id].name);
}

static void done(void *data, Host *host, const char *text)
{
  CommandScope scope = (CommandScope) GPOINTER_TO_UINT(data);
  Slice typed = slice_trim(slice_from_string(text));
  g_autofree char *name = slice_dup(typed);
  CommandId id = command_find(typed);
  uint32_t number;

  if (typed.len == 0)
    return;
  if (slice_to_u32(typed, &number)) {
    go(host, scope, number);
    return;
  }
  if (id == COMMAND_NONE)
    id = find_start(scope, typed);
  if (id == COMMAND_NONE)
    tell_unknown(host, scope, name);
  else
    run(host, scope, id);
}

void ask_command(Host *host)
{
  CommandScope scope = host_view(host)->ops->scope;

  ask_line(host, &(AskSetup){
                   .label = ":",
                   .complete = complete,
                   .done = done,
                   .data = GUINT_TO_POINTER((unsigned) scope),
                 });
}
