#include "dissect/sip/xml_doc.h"

#include "tests/test.h"

static XmlDoc read_text(Arena *arena, const char *text, size_t len)
{
  g_autofree char *bytes = exact_copy(text, len);

  return xml_doc_read(arena, slice_of(bytes, len));
}

static void test_elements(void **state)
{
  static const char TEXT[] = "\xef\xbb\xbf<?xml version='1.0'?><p:a xmlns:p='u'><b k='v&amp;w'> x "
                             "</b><c><b>y</b></c><![CDATA[<z>]]></p:a>";
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  XmlDoc doc = read_text(&arena, TEXT, sizeof TEXT - 1);
  assert_null(doc.fault);
  assert_int_equal(doc.count, 4);
  assert_slice(doc.elements[0].name, "a");
  assert_slice(doc.elements[0].text, "<z>");
  assert_int_equal(doc.elements[0].end, 4);
  assert_slice(doc.elements[1].text, "x");
  assert_slice(xml_attribute(&doc, 1, SLICE("k")), "v&w");
  assert_null(xml_attribute(&doc, 1, SLICE("l")).data);
  assert_int_equal(xml_find(&doc, 0, SLICE("b")), 1);
  assert_int_equal(xml_find(&doc, 0, SLICE("c/b")), 3);
  assert_int_equal(xml_find(&doc, 0, SLICE("")), 0);
  assert_int_equal(xml_find(&doc, 0, SLICE("d/b")), XML_NONE);
  assert_int_equal(xml_find(&doc, 0, SLICE("b/b")), XML_NONE);
  for (size_t len = 0; len < sizeof TEXT - 1; len++)
    assert_non_null(read_text(&arena, TEXT, len).fault);
  arena_clear(&arena);
}

/* No entity is expanded, however it is declared; nothing is loaded. */
static void test_faults(void **state)
{
  static const char *const TEXTS[] = {
    "",
    "x",
    "<a>",
    "<a></b>",
    "<a b=c/>",
    "<a>\xff</a>",
    "<a>&b;</a>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
    "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
  };
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
    assert_non_null(read_text(&arena, TEXTS[i], strlen(TEXTS[i])).fault);
  arena_clear(&arena);
}

/* `count` times `begin`, then as often `end`, inside of a root. */
static const char *fault_of(Arena *arena, unsigned count, const char *begin, const char *end)
{
  g_autoptr(GString) text = g_string_new("<r>");

  for (unsigned i = 0; i < count; i++)
    g_string_append(text, begin);
  for (unsigned i = 0; i < count; i++)
    g_string_append(text, end);
  g_string_append(text, "</r>");
  return xml_doc_read(arena, slice_of(text->str, text->len)).fault;
}

static void test_bounds(void **state)
{
  g_autofree char *large = g_malloc(XML_BYTES_MAX + 1);
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  assert_null(fault_of(&arena, XML_DEPTH_MAX - 1, "<a>", "</a>"));
  assert_non_null(strstr(fault_of(&arena, XML_DEPTH_MAX, "<a>", "</a>"), "in one another"));
  assert_null(fault_of(&arena, XML_ELEMENTS_MAX - 1, "<a/>", ""));
  assert_non_null(strstr(fault_of(&arena, XML_ELEMENTS_MAX, "<a/>", ""), "elements"));
  memset(large, ' ', XML_BYTES_MAX + 1);
  memcpy(large, "<r/>", 4);
  assert_null(xml_doc_read(&arena, slice_of(large, XML_BYTES_MAX)).fault);
  assert_string_equal(xml_doc_read(&arena, slice_of(large, XML_BYTES_MAX + 1)).fault,
                      "larger than 1 MiB");
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_elements),
    cmocka_unit_test(test_faults),
    cmocka_unit_test(test_bounds),
  };

  return cmocka_run_group_tests_name("xml_doc", tests, NULL, NULL);
}
