#include "dissect/sip/xml_doc.h"

#include "capture/language.h"

#include <glib.h>

typedef struct {
  Arena *arena;
  GArray *elements;   /* XmlElement */
  GArray *attributes; /* XmlAttribute */
  uint32_t open;      /* index of the innermost open element, or XML_NONE */
  unsigned depth;
} Building;

static Slice local_name(Slice name)
{
  size_t colon = slice_find(name, ':');

  return colon < name.len ? slice_from(name, colon + 1) : name;
}

static Slice keep(Building *building, const char *text)
{
  return arena_dup(building->arena, slice_from_string(text));
}

/* The parser stops at an error of its callbacks. */
static bool fail_bound(GError **error, const char *what, unsigned bound)
{
  g_set_error(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, _("more than %u %s"), bound,
              what);
  return false;
}

static bool is_within(const Building *building, GError **error)
{
  if (building->depth >= XML_DEPTH_MAX)
    return fail_bound(error, _("elements in one another"), XML_DEPTH_MAX);
  if (building->elements->len >= XML_ELEMENTS_MAX)
    return fail_bound(error, _("elements"), XML_ELEMENTS_MAX);
  if (building->attributes->len > XML_ATTRIBUTES_MAX)
    return fail_bound(error, _("attributes"), XML_ATTRIBUTES_MAX);
  return true;
}

static void begin(GMarkupParseContext *context, const char *name, const char **names,
                  const char **values, gpointer data, GError **error)
{
  Building *building = data;
  uint32_t index = building->elements->len, first = building->attributes->len;

  (void) context;
  if (!is_within(building, error))
    return;
  for (size_t i = 0; names[i]; i++) {
    XmlAttribute attribute = {keep(building, names[i]), keep(building, values[i])};
    g_array_append_val(building->attributes, attribute);
  }
  XmlElement element = {
    .name = local_name(keep(building, name)),
    .parent = building->open,
    .end = index + 1,
    .attribute = first,
    .attribute_count = building->attributes->len - first,
  };
  g_array_append_val(building->elements, element);
  building->open = index;
  building->depth++;
}

static void end(GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Building *building = data;
  XmlElement *element = &g_array_index(building->elements, XmlElement, building->open);

  (void) context, (void) name, (void) error;
  element->end = building->elements->len;
  building->open = element->parent;
  building->depth--;
}

static void add_text(GMarkupParseContext *context, const char *text, gsize len, gpointer data,
                     GError **error)
{
  Building *building = data;
  Slice trimmed = slice_trim(slice_of(text, len));

  (void) context, (void) error;
  if (building->open == XML_NONE || trimmed.len == 0)
    return;
  XmlElement *element = &g_array_index(building->elements, XmlElement, building->open);
  if (!element->text.data)
    element->text = arena_dup(building->arena, trimmed);
}

static XmlDoc failed(Arena *arena, const char *why)
{
  return (XmlDoc){.fault = arena_copy(arena, why, strlen(why) + 1)};
}

XmlDoc xml_doc_read(Arena *arena, Slice text)
{
  static const GMarkupParser PARSER = {
    .start_element = begin, .end_element = end, .text = add_text};
  g_autoptr(GArray) elements = g_array_new(false, false, sizeof(XmlElement));
  g_autoptr(GArray) attributes = g_array_new(false, false, sizeof(XmlAttribute));
  Building building = {arena, elements, attributes, XML_NONE, 0};
  g_autoptr(GMarkupParseContext) context =
    g_markup_parse_context_new(&PARSER, G_MARKUP_TREAT_CDATA_AS_TEXT, &building, NULL);
  g_autoptr(GError) error = NULL;

  if (slice_starts_with(text, SLICE("\xef\xbb\xbf")))
    text = slice_from(text, 3);
  if (text.len > XML_BYTES_MAX)
    return failed(arena, _("larger than 1 MiB"));
  if (!g_markup_parse_context_parse(context, text.data, (gssize) text.len, &error) ||
      !g_markup_parse_context_end_parse(context, &error))
    return failed(arena, error->message);
  if (elements->len == 0)
    return failed(arena, _("no element"));
  return (XmlDoc){
    .elements = arena_copy(arena, elements->data, elements->len * sizeof(XmlElement)),
    .count = elements->len,
    .attributes = arena_copy(arena, attributes->data, attributes->len * sizeof(XmlAttribute)),
  };
}

Slice xml_attribute(const XmlDoc *doc, uint32_t element, Slice name)
{
  const XmlElement *e = &doc->elements[element];

  for (uint32_t i = 0; i < e->attribute_count; i++)
    if (slice_eq(local_name(doc->attributes[e->attribute + i].name), name))
      return doc->attributes[e->attribute + i].value;
  return SLICE_NONE;
}

/* The first child of that name. */
static uint32_t find_child(const XmlDoc *doc, uint32_t element, Slice name)
{
  for (uint32_t i = element + 1; i < doc->elements[element].end; i = doc->elements[i].end)
    if (slice_eq(doc->elements[i].name, name))
      return i;
  return XML_NONE;
}

uint32_t xml_find(const XmlDoc *doc, uint32_t element, Slice path)
{
  while (path.len > 0 && element != XML_NONE)
    element = find_child(doc, element, slice_cut(&path, '/'));
  return element;
}
