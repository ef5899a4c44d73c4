#include "ui/options.h"

#include "capture/error.h"
#include "capture/nearest.h"
#include "capture/writer.h"
#include "ui/help.h"

static const char *const TIME_NAMES[] = {"absolute", "relative", "delta", "epoch", NULL};
static const char *const COLOR_NAMES[] = {"auto", "always", "never", NULL};

enum { WIDTH_MIN = 20, WIDTH_MAX = 10000 };

/* The command line as it is read. */
typedef struct {
  const char *const *argv;
  int argc, next;
  Options *options;
} Parse;

static bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool fail(GError **error, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  if (error)
    *error = g_error_new_valist(APP_ERROR, APP_ERROR_USAGE, format, arguments);
  va_end(arguments);
  return false;
}

/* "unknown WHAT 'typed'", with the nearest that there is; `dashes` precede both. */
static bool fail_unknown(GError **error, const char *what, const char *typed,
                         const char *const *words)
{
  const char *near = nearest_word(typed + strspn(typed, "-"), words);
  const char *dashes = g_str_has_prefix(typed, "-") ? "--" : "";

  if (near)
    return fail(error, "unknown %s '%s'; did you mean '%s%s'?", what, typed, dashes, near);
  return fail(error, "unknown %s '%s'; see 'rung help'", what, typed);
}

SubcommandId subcommand_from_name(const char *name)
{
  for (SubcommandId id = SUBCOMMAND_NONE + 1; id < SUBCOMMAND_COUNT; id++)
    if (strcmp(SUBCOMMANDS[id].name, name) == 0)
      return id;
  return SUBCOMMAND_NONE;
}

static bool fail_unknown_command(const char *typed, const char *what, GError **error)
{
  const char *words[SUBCOMMAND_COUNT] = {NULL};

  for (SubcommandId id = SUBCOMMAND_NONE + 1; id < SUBCOMMAND_COUNT; id++)
    words[id - 1] = SUBCOMMANDS[id].name;
  return fail_unknown(error, what, typed, words);
}

static bool fail_unknown_option(const char *typed, GError **error)
{
  const char *words[OPTION_COUNT * 3 + 1] = {NULL};
  size_t count = 0;

  for (size_t id = 0; id < OPTION_COUNT; id++)
    for (size_t i = 0; i < G_N_ELEMENTS(OPTIONS[id].longs) && OPTIONS[id].longs[i]; i++)
      words[count++] = OPTIONS[id].longs[i];
  return fail_unknown(error, "option", typed, words);
}

static bool set_choice(const char *typed, const char *const *names, const char *what,
                       unsigned *ret_index, GError **error)
{
  for (unsigned i = 0; names[i]; i++)
    if (strcmp(names[i], typed) == 0) {
      *ret_index = i;
      return true;
    }
  g_autoptr(GString) all = g_string_new(names[0]);
  for (unsigned i = 1; names[i]; i++)
    g_string_append_printf(all, ", %s", names[i]);
  return fail(error, "no %s '%s': one of %s", what, typed, all->str);
}

static bool set_fields(GArray **place, const char *value, FieldListKind kind, GError **error)
{
  const char *name = kind == FIELD_LIST_SORT ? "--sort" : "--columns";

  if (*place)
    return fail(error, "%s was given twice", name);
  *place = field_list_parse(value, kind, error);
  if (!*place)
    g_prefix_error(error, "%s: ", name);
  return *place != NULL;
}

static bool set_format(Options *options, const char *value, GError **error)
{
  unsigned index;

  if (!set_choice(value, FORMAT_NAMES, "format", &index, error))
    return false;
  options->format = (FormatId) index;
  return true;
}

static bool set_time(Options *options, const char *value, GError **error)
{
  unsigned index;

  if (!set_choice(value, TIME_NAMES, "way to show times", &index, error))
    return false;
  options->time = (TimeMode) index;
  return true;
}

static bool set_color(Options *options, const char *value, GError **error)
{
  unsigned index;

  if (!set_choice(value, COLOR_NAMES, "use of colour", &index, error))
    return false;
  options->color = (ColorMode) index;
  return true;
}

static bool set_width(Options *options, const char *value, GError **error)
{
  uint32_t width;

  if (!slice_to_u32(slice_from_string(value), &width) || width < WIDTH_MIN || width > WIDTH_MAX)
    return fail(error, "--width wants a number from %d to %d, not '%s'", WIDTH_MIN, WIDTH_MAX,
                value);
  options->width = width;
  return true;
}

static bool add_message(Options *options, const char *value, GError **error)
{
  uint32_t number;

  if (!slice_to_u32(slice_from_string(value), &number) || number == 0)
    return fail(error, "--message wants a number from 1, not '%s'", value);
  g_array_append_val(options->messages, number);
  return true;
}

static bool add_interfaces(Options *options, const char *value, GError **error)
{
  g_auto(GStrv) names = g_strsplit(value, ",", -1);

  for (size_t i = 0; names[i]; i++) {
    if (*names[i] == '\0')
      return fail(error, "empty interface name in '%s'", value);
    g_ptr_array_add(options->interfaces, g_strdup(names[i]));
  }
  return true;
}

static bool set_once(const char **place, const char *value, const char *name, GError **error)
{
  if (*place)
    return fail(error, "%s was given twice", name);
  *place = value;
  return true;
}

static bool set_where(Options *options, const char *value, GError **error)
{
  if (options->where)
    return fail(error, "--where was given twice; join both with \"and\"");
  options->where_text = value;
  options->where = display_filter_new(value, error);
  if (!options->where)
    g_prefix_error(error, "-Y: ");
  return options->where != NULL;
}

static bool set_flag(bool *flag)
{
  *flag = true;
  return true;
}

static bool add_text(GPtrArray *to, const char *value)
{
  g_ptr_array_add(to, (gpointer) (uintptr_t) value);
  return true;
}

static bool apply(Options *options, OptionId id, const char *value, GError **error)
{
  options->given |= 1U << id;
  switch (id) {
  case OPTION_READ:
    return add_text(options->files, value);
  case OPTION_INTERFACE:
    return add_interfaces(options, value, error);
  case OPTION_FILTER:
    return set_once(&options->filter, value, "--filter", error);
  case OPTION_WHERE:
    return set_where(options, value, error);
  case OPTION_CALL:
    return add_text(options->calls, value);
  case OPTION_MESSAGE:
    return add_message(options, value, error);
  case OPTION_FORMAT:
    return set_format(options, value, error);
  case OPTION_COLUMNS:
    return set_fields(&options->columns, value, FIELD_LIST_COLUMNS, error);
  case OPTION_SORT:
    return set_fields(&options->sort, value, FIELD_LIST_SORT, error);
  case OPTION_WRITE:
    return set_once(&options->output, value, "--write", error);
  case OPTION_FORCE:
    return set_flag(&options->force);
  case OPTION_WITH_MEDIA:
    return set_flag(&options->with_media);
  case OPTION_DECODE:
    return set_flag(&options->decode);
  case OPTION_TIME:
    return set_time(options, value, error);
  case OPTION_UTC:
    return set_flag(&options->utc);
  case OPTION_WIDTH:
    return set_width(options, value, error);
  case OPTION_COLOR:
    return set_color(options, value, error);
  case OPTION_ASCII:
    return set_flag(&options->ascii);
  case OPTION_CONFIG:
    return set_once(&options->config, value, "--config", error);
  case OPTION_NO_CONFIG:
    return set_flag(&options->no_config);
  case OPTION_DUMP_CONFIG:
    return set_flag(&options->dump_config);
  case OPTION_QUIET:
    return set_flag(&options->quiet);
  case OPTION_HELP:
    return set_flag(&options->help);
  case OPTION_VERSION:
    return set_flag(&options->version);
  case OPTION_COUNT:
    break;
  }
  g_assert_not_reached();
}

static OptionId find_long(Slice name)
{
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    for (size_t i = 0; i < G_N_ELEMENTS(OPTIONS[id].longs) && OPTIONS[id].longs[i]; i++)
      if (slice_eq(name, slice_from_string(OPTIONS[id].longs[i])))
        return id;
  return OPTION_COUNT;
}

static OptionId find_short(char letter)
{
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if (letter != '\0' && strchr(OPTIONS[id].shorts, letter))
      return id;
  return OPTION_COUNT;
}

/* An option whose argument, if it has one, is the next word. */
static bool apply_with_next(Parse *parse, OptionId id, const char *typed, GError **error)
{
  if (!OPTIONS[id].argument)
    return apply(parse->options, id, NULL, error);
  if (parse->next >= parse->argc)
    return fail(error, "%s wants %s", typed, OPTIONS[id].argument);
  return apply(parse->options, id, parse->argv[parse->next++], error);
}

/* --name, --name=value, --name value */
static bool parse_long(Parse *parse, const char *word, GError **error)
{
  Slice rest = slice_from_string(word + 2);
  size_t len = slice_find(rest, '=');
  OptionId id = find_long(slice_head(rest, len));

  if (id == OPTION_COUNT) {
    g_autofree char *typed = g_strndup(word, len + 2);
    return fail_unknown_option(typed, error);
  }
  if (len == rest.len)
    return apply_with_next(parse, id, word, error);
  if (!OPTIONS[id].argument)
    return fail(error, "--%s takes no value", OPTIONS[id].longs[0]);
  return apply(parse->options, id, rest.data + len + 1, error);
}

/* -q, -qV, -T json, -Tjson */
static bool parse_short(Parse *parse, const char *word, GError **error)
{
  for (const char *letter = word + 1; *letter; letter++) {
    OptionId id = find_short(*letter);
    const char typed[] = {'-', *letter, '\0'};

    if (id == OPTION_COUNT)
      return fail(error, "unknown option '%s'; see 'rung help'", word[2] ? word : typed);
    if (OPTIONS[id].argument && letter[1])
      return apply(parse->options, id, letter + 1, error);
    if (!apply_with_next(parse, id, typed, error))
      return false;
  }
  return true;
}

/* The first word is a command, or it is a file; what could be both must exist to be a file. */
static bool parse_first_word(Options *options, const char *word, GError **error)
{
  options->command = subcommand_from_name(word);
  if (options->command != SUBCOMMAND_NONE)
    return true;
  if (strpbrk(word, "./") || strcmp(word, "-") == 0 || g_file_test(word, G_FILE_TEST_EXISTS))
    return add_text(options->files, word);
  return fail_unknown_command(word, "command or file", error);
}

static bool parse_word(Options *options, const char *word, bool first, GError **error)
{
  if (first)
    return parse_first_word(options, word, error);
  if (options->command != SUBCOMMAND_HELP)
    return add_text(options->files, word);
  if (subcommand_from_name(word) == SUBCOMMAND_NONE && !help_topic_find(word))
    return fail_unknown_command(word, "command", error);
  return set_once(&options->help_topic, word, "the command", error);
}

static bool parse_words(Parse *parse, GError **error)
{
  bool first = true, only_words = false;

  while (parse->next < parse->argc) {
    const char *word = parse->argv[parse->next++];
    bool ok = true;

    if (!only_words && strcmp(word, "--") == 0) {
      only_words = true;
    } else if (!only_words && g_str_has_prefix(word, "--")) {
      ok = parse_long(parse, word, error);
    } else if (!only_words && word[0] == '-' && word[1] != '\0') {
      ok = parse_short(parse, word, error);
    } else {
      ok = only_words && first ? add_text(parse->options->files, word)
                               : parse_word(parse->options, word, first, error);
      first = false;
    }
    if (!ok)
      return false;
  }
  return true;
}

/* To a file, plain.  A capture that could not be written at its end would be lost. */
static bool check_save(const Options *options, GError **error)
{
  if (!options->output)
    return fail(error, "'save' wants -w FILE");
  if (g_str_has_suffix(options->output, ".gz") || g_str_has_suffix(options->output, ".zst"))
    return fail(error, "'save' does not compress: let the name end in .pcap or .pcapng");
  if (options->files->len == 1 && options->interfaces->len == 1) /* both end in NULL */
    return fail(error, "'save' wants a capture file, - for standard input, or -i IF");
  if (options->interfaces->len > 2 && writer_format_of(options->output) == WRITER_PCAP)
    return fail(error, "'save' of several interfaces wants pcapng: let the name end in .pcapng");
  return true;
}

/* A call is none of its messages: it has their facts only where fields of calls say which. */
static bool check_fields(const GArray *fields, const char *name, GError **error)
{
  for (guint i = 0; fields && i < fields->len; i++) {
    const Field *field = g_array_index(fields, FieldChoice, i).ref.field;
    if (field->scope == FIELD_OF_MESSAGE)
      return fail(error, "%s: %s is a fact of messages, and 'calls' has none", name, field->key);
  }
  return true;
}

/* The first option that was given though the command does not know it, or OPTION_COUNT. */
static OptionId find_misplaced(const Options *options, SubcommandId command)
{
  for (OptionId id = 0; id < OPTION_COUNT; id++)
    if ((options->given & 1U << id) && !(OPTIONS[id].commands & 1U << command))
      return id;
  return OPTION_COUNT;
}

bool options_browse(const Options *options)
{
  return options->command == SUBCOMMAND_NONE &&
         find_misplaced(options, SUBCOMMAND_NONE) == OPTION_COUNT;
}

/* What each option and word allows, but not together. */
static bool check_combination(const Options *options, GError **error)
{
  SubcommandId command = options->command == SUBCOMMAND_NONE ? SUBCOMMAND_CALLS : options->command;
  const SubcommandInfo *info = &SUBCOMMANDS[command];
  OptionId misplaced = find_misplaced(options, command);

  if (options->files->len > 1 && options->interfaces->len > 1) /* both end in NULL */
    return fail(error, "files or interfaces, not both");
  if (options->config && options->no_config)
    return fail(error, "--config or --no-config, not both");
  if (!(info->formats & 1U << options->format))
    return fail(error, "'%s' has no format %s", info->name, FORMAT_NAMES[options->format]);
  if (misplaced != OPTION_COUNT && !options_browse(options))
    return fail(error, "'%s' has no option --%s", info->name, OPTIONS[misplaced].longs[0]);
  if (command == SUBCOMMAND_CALLS)
    return check_fields(options->columns, "--columns", error) &&
           check_fields(options->sort, "--sort", error);
  return command != SUBCOMMAND_SAVE || check_save(options, error);
}

bool options_parse(int argc, const char *const *argv, Options *ret_options, GError **error)
{
  g_auto(Options) options = {
    .files = g_ptr_array_new(),
    .interfaces = g_ptr_array_new_with_free_func(g_free),
    .calls = g_ptr_array_new(),
    .messages = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
  };
  Parse parse = {.argv = argv, .argc = argc, .next = 1, .options = &options};

  if (!parse_words(&parse, error))
    return false;
  g_ptr_array_add(options.files, NULL);
  g_ptr_array_add(options.interfaces, NULL);
  g_ptr_array_add(options.calls, NULL);
  if (!options.help && !options.version && !check_combination(&options, error))
    return false;
  *ret_options = options;
  options = (Options){0};
  return true;
}

void options_clear(Options *options)
{
  g_clear_pointer(&options->where, display_filter_free);
  g_clear_pointer(&options->columns, g_array_unref);
  g_clear_pointer(&options->sort, g_array_unref);
  g_clear_pointer(&options->files, g_ptr_array_unref);
  g_clear_pointer(&options->interfaces, g_ptr_array_unref);
  g_clear_pointer(&options->calls, g_ptr_array_unref);
  g_clear_pointer(&options->messages, g_array_unref);
}
