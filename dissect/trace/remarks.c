#include "dissect/trace/remarks.h"

#include <string.h>

#include "dissect/trace/trace.h"

enum { MS_NS = 1000 * 1000 };

struct Remarks {
  GTree *tree;  /* Remark, which is its own key */
  size_t texts; /* that are not empty */
};

static int compare(const void *a, const void *b, void *data)
{
  const Remark *left = a, *right = b;

  (void) data;
  if (left->start_ms != right->start_ms)
    return left->start_ms < right->start_ms ? -1 : 1;
  size_t len = MIN(left->call_id.len, right->call_id.len);
  int order = len > 0 ? memcmp(left->call_id.data, right->call_id.data, len) : 0;
  if (order != 0)
    return order;
  return (left->call_id.len > right->call_id.len) - (left->call_id.len < right->call_id.len);
}

static void free_remark(void *data)
{
  Remark *remark = data;

  g_free((char *) (uintptr_t) remark->call_id.data);
  g_free(remark->text);
  g_free(remark);
}

Remarks *remarks_new(void)
{
  Remarks *remarks = g_new0(Remarks, 1);

  remarks->tree = g_tree_new_full(compare, NULL, free_remark, NULL);
  return remarks;
}

void remarks_free(Remarks *remarks)
{
  if (!remarks)
    return;
  g_tree_destroy(remarks->tree);
  g_free(remarks);
}

static char *clean_text(const char *text)
{
  char *clean = g_utf8_make_valid(text, (gssize) strnlen(text, REMARK_TEXT_MAX));

  for (char *at = clean; *at; at = g_utf8_next_char(at))
    if (g_unichar_iscntrl(g_utf8_get_char(at)))
      memset(at, ' ', (size_t) (g_utf8_next_char(at) - at));
  return g_strstrip(clean);
}

bool remarks_set(Remarks *remarks, const Remark *remark)
{
  g_autofree char *text = clean_text(remark->text);
  const Remark *before = g_tree_lookup(remarks->tree, remark);
  bool is_elsewhere = remark->is_elsewhere || (before && before->is_elsewhere);
  bool is_kept = text[0] != '\0' || is_elsewhere;

  if (is_kept && !before && g_tree_nnodes(remarks->tree) >= REMARKS_MAX)
    return false;
  remarks->texts -= before && before->text[0] != '\0';
  remarks->texts += text[0] != '\0';
  if (!is_kept) {
    g_tree_remove(remarks->tree, remark);
    return true;
  }
  Remark *kept = g_new0(Remark, 1);
  kept->is_elsewhere = is_elsewhere;
  kept->start_ms = remark->start_ms;
  kept->call_id = slice_of(slice_dup(remark->call_id), remark->call_id.len);
  kept->text = g_steal_pointer(&text);
  g_tree_replace(remarks->tree, kept, kept);
  return true;
}

/* A Call-ID with a NUL, which no file of lines can hold, counts up to that. */
static Remark key_of(const Call *call)
{
  Slice id = call_text_kept(call, CALL_TEXT_ID);
  bool is_before_1970 = call->start_ns % MS_NS < 0;

  return (Remark){.start_ms = call->start_ns / MS_NS - is_before_1970,
                  .call_id = slice_of(id.data, id.data ? strnlen(id.data, id.len) : 0)};
}

bool remarks_set_call(Remarks *remarks, const Call *call, const char *text)
{
  Remark remark = key_of(call);

  remark.text = (char *) (uintptr_t) text;
  return remarks_set(remarks, &remark);
}

const char *remarks_of(const Remarks *remarks, const Call *call)
{
  if (remarks_count(remarks) == 0) /* as nearly always */
    return NULL;
  const Remark key = key_of(call), *found = g_tree_lookup(remarks->tree, &key);
  return found && found->text[0] != '\0' ? found->text : NULL;
}

size_t remarks_count(const Remarks *remarks)
{
  return remarks->texts;
}

typedef struct {
  void (*each)(void *data, const Remark *remark);
  void *data;
} Walk;

static gboolean walk(void *key, void *value, void *data)
{
  const Walk *of = data;

  (void) key;
  of->each(of->data, value);
  return FALSE;
}

void remarks_each(const Remarks *remarks, void (*each)(void *data, const Remark *remark),
                  void *data)
{
  g_tree_foreach(remarks->tree, walk, &(Walk){each, data});
}
