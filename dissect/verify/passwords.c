#include "dissect/verify/passwords.h"

#include "capture/language.h"
#include "capture/whole_file.h"
#include "dissect/verify/crypto.h"

typedef struct {
  Slice user, rest;
} Line;

/* Lines by user, and below each other as in the file; their texts lie in `text`. */
struct Passwords {
  WholeFile file;
  GArray *lines; /* Line */
};

static int compare_users(const Line *a, const Line *b)
{
  int order = memcmp(a->user.data, b->user.data, MIN(a->user.len, b->user.len));

  return order != 0 ? order : (a->user.len > b->user.len) - (a->user.len < b->user.len);
}

static int compare_lines(const void *a, const void *b)
{
  const Line *left = a, *right = b;
  int order = compare_users(left, right);

  return order != 0 ? order
                    : (left->user.data > right->user.data) - (left->user.data < right->user.data);
}

static void split_lines(Passwords *passwords)
{
  Slice rest = slice_of(passwords->file.text, passwords->file.len);

  while (rest.len > 0) {
    Line line = {.rest = slice_take_line(&rest)};
    if (line.rest.len == 0 || line.rest.data[0] == '#')
      continue;
    size_t colon = slice_find(line.rest, ':');
    if (colon == 0 || colon == line.rest.len)
      continue;
    line.user = slice_cut(&line.rest, ':');
    g_array_append_val(passwords->lines, line);
  }
  g_array_sort(passwords->lines, compare_lines);
}

static char *warning_of(const Passwords *passwords, const char *name)
{
  if (passwords->lines->len == 0)
    return g_strdup_printf(_("%s: no line is USER:PASSWORD or USER:REALM:PASSWORD"), name);
  if (passwords->file.others_can_read)
    return g_strdup_printf(_("%s: others can read these passwords (chmod 600 prevents that)"),
                           name);
  return NULL;
}

Passwords *passwords_read(const char *name, char **ret_warning, GError **error)
{
  WholeFile file;

  if (!whole_file_read(name, PASSWORDS_FILE_MAX, &file, error))
    return NULL;
  Passwords *passwords = g_new0(Passwords, 1);
  passwords->file = file;
  passwords->lines = g_array_new(false, false, sizeof(Line));
  split_lines(passwords);
  *ret_warning = warning_of(passwords, name);
  return passwords;
}

void passwords_free(Passwords *passwords)
{
  if (!passwords)
    return;
  verify_wipe(passwords->file.text, passwords->file.len);
  g_free(passwords->file.text);
  g_array_unref(passwords->lines);
  g_free(passwords);
}

/* The first line of the user, or the number of lines. */
static guint find_first(const Passwords *passwords, Slice user)
{
  const Line wanted = {.user = user};
  guint low = 0, high = passwords->lines->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (compare_users(&g_array_index(passwords->lines, Line, middle), &wanted) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static PasswordGuess guess_of(Slice rest, Slice realm)
{
  Slice secret = rest, named = slice_cut(&secret, ':');

  if (named.len == rest.len)
    return (PasswordGuess){rest, true};
  return slice_eq(named, realm) ? (PasswordGuess){secret, true} : (PasswordGuess){rest, false};
}

size_t passwords_find(const Passwords *passwords, Slice user, Slice realm,
                      PasswordGuess ret_guesses[PASSWORDS_TRIED_MAX])
{
  guint first = user.len > 0 ? find_first(passwords, user) : passwords->lines->len;
  size_t count = 0;

  for (unsigned pass = 0; pass < 2; pass++)
    for (guint i = first; i < passwords->lines->len && count < PASSWORDS_TRIED_MAX; i++) {
      const Line *line = &g_array_index(passwords->lines, Line, i);
      if (!slice_eq(line->user, user))
        break;
      PasswordGuess guess = guess_of(line->rest, realm);
      if (guess.is_certain == (pass == 0))
        ret_guesses[count++] = guess;
    }
  return count;
}
