#include "ui/schema.h"

#include <string.h>

#include "dissect/query/field.h"
#include "ui/options.h"
#include "ui/report/report.h"

/* A notation while it is read; see ReportOps.schema.  A fault in it is ours. */
typedef struct {
  const char *at;
  GString *to;
} Notation;

static bool take(Notation *n, char c)
{
  bool is_next = *n->at == c;

  n->at += is_next;
  return is_next;
}

static char *take_word(Notation *n)
{
  size_t len = strcspn(n->at, "?,{}[]:=");
  char *word = g_strndup(n->at, len);

  n->at += len;
  return word;
}

/* {"type":"string"}, or null too. */
static void append_type(GString *to, const char *type, bool may_be_null)
{
  bool is_time = strcmp(type, "time") == 0;

  g_string_append(to, may_be_null ? "{\"type\":[\"" : "{\"type\":\"");
  g_string_append(to, is_time ? "string" : type);
  g_string_append(to, may_be_null ? "\",\"null\"]" : "\"");
  g_string_append(to, is_time ? ",\"format\":\"date-time\"}" : "}");
}

static const char *type_of(const Field *field)
{
  static const char *const TYPES[] = {
    [FIELD_STRING] = "string",   [FIELD_INTEGER] = "integer", [FIELD_DECIMAL] = "number",
    [FIELD_DURATION] = "number", [FIELD_TIME] = "time",       [FIELD_ADDRESS] = "string",
    [FIELD_ENUM] = "string",     [FIELD_BOOLEAN] = "boolean",
  };

  return TYPES[field->type];
}

/* Of a row: a field with several values is a list of them, as text. */
static void append_row_field(GString *to, const char *key)
{
  const Field *field = field_find(slice_from_string(key));

  g_assert(field);
  if (!field->many)
    append_type(to, type_of(field), true);
  else
    g_string_append(to, "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}");
}

static void append_value(Notation *n);

/* After "{": keys up to "}"; all of them must be there, except those with a "?". */
static void append_object(Notation *n)
{
  g_autoptr(GString) required = g_string_new(NULL);
  bool is_map = false;

  g_string_append(n->to, "{\"type\":\"object\",\"properties\":{");
  for (unsigned count = 0; !is_map && !take(n, '}'); count++) {
    g_autofree char *key = take_word(n);
    bool is_optional = take(n, '?');
    is_map = strcmp(key, "*") == 0;
    if (is_map)
      g_string_append(n->to, "},\"additionalProperties\":");
    else
      g_string_append_printf(n->to, "%s\"%s\":", count > 0 ? "," : "", key);
    if (!is_map && !is_optional)
      g_string_append_printf(required, "%s\"%s\"", required->len > 0 ? "," : "", key);
    if (take(n, '=')) {
      g_autofree char *field = take_word(n);
      append_row_field(n->to, field);
    } else {
      g_assert_true(take(n, ':'));
      append_value(n);
    }
    (void) take(n, ',');
  }
  if (is_map) {
    g_assert_true(take(n, '}'));
    g_string_append_c(n->to, '}');
    return;
  }
  g_string_append_printf(n->to, "},\"required\":[%s],\"additionalProperties\":false}",
                         required->str);
}

static void append_value(Notation *n)
{
  if (take(n, '{')) {
    append_object(n);
  } else if (take(n, '[')) {
    g_string_append(n->to, "{\"items\":");
    append_value(n);
    g_assert_true(take(n, ']'));
    g_string_append(n->to,
                    take(n, '?') ? ",\"type\":[\"array\",\"null\"]}" : ",\"type\":\"array\"}");
  } else {
    g_autofree char *word = take_word(n);
    g_assert(*word != '\0');
    if (*word == '#')
      g_string_append_printf(n->to, "{\"$ref\":\"#/$defs/%s\"}", word + 1);
    else
      append_type(n->to, word, take(n, '?'));
  }
}

/* ,\n"explain --group":{...} */
static void append_definition(GString *to, const char *name, const char *variant,
                              const char *notation)
{
  Notation n = {.at = notation, .to = to};

  g_string_append_printf(to, ",\n\"%s%s%s\":", name, *variant ? " " : "", variant);
  append_value(&n);
  g_assert(*n.at == '\0');
}

/* A row of --columns: any fields under their own names. */
static void append_columns(GString *to)
{
  g_string_append(to, "\"--columns\":{\"type\":\"object\",\"properties\":{");
  for (size_t i = 0; i < field_count(); i++) {
    const Field *field = field_at(i);
    g_string_append_printf(to, "%s\"%s\":", i > 0 ? "," : "", field->key);
    if (field->many)
      g_string_append(to, "{\"type\":[\"array\",\"null\"],\"items\":");
    append_type(to, type_of(field), !field->many);
    g_string_append(to, field->many ? "}" : "");
  }
  g_string_append(to, "},\"patternProperties\":{\"^header\\\\[\":"
                      "{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"string\"}}},"
                      "\"additionalProperties\":false}");
}

static const ReportOps *json_of(const Subcommand *command)
{
  for (const ReportFormat *format = command->formats; format && format->name; format++)
    if (strcmp(format->name, "json") == 0)
      return format->report;
  return NULL;
}

void schema_append(GString *to)
{
  g_string_append(to, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n"
                      "\"title\":\"What rung prints with -T json: a line of COMMAND is of "
                      "#/$defs/COMMAND\",\n\"$defs\":{\n");
  append_columns(to);
  append_definition(to, "node", "", "{name:string?,value:string?,note:string?,nodes?:[#node]}");
  for (const SubcommandRow *row = SUBCOMMANDS; row->info; row++) {
    const ReportOps *report = json_of(row->info);
    for (const ReportSchema *schema = report ? report->schemas : NULL; schema && schema->notation;
         schema++)
      append_definition(to, row->info->name, schema->variant, schema->notation);
  }
  g_string_append(to, "\n}}\n");
}
