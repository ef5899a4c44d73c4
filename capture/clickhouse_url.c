#include "capture/clickhouse_url.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/slice.h"

enum { PORT = 8123, PORT_TLS = 8443, PASSWORD_MAX = 1024 };

static const char SCHEME[] = "clickhouse://", SCHEME_TLS[] = "clickhouses://";

bool clickhouse_url_is_one(const char *text)
{
  return g_str_has_prefix(text, SCHEME) || g_str_has_prefix(text, SCHEME_TLS);
}

/* What follows the scheme, up to the first slash: "USER:PASSWORD@HOST". */
static Slice authority_of(const char *text)
{
  const char *end = strstr(text, "://");
  const char *begin = end ? end + strlen("://") : text + strlen(text);

  return slice_of(begin, strcspn(begin, "/?"));
}

/* "USER:PASSWORD" before the last @, which a password may have, too; absent: there is none. */
static Slice cut_credentials(Slice *authority)
{
  const char *at = authority->len > 0 ? memrchr(authority->data, '@', authority->len) : NULL;

  if (!at)
    return SLICE_NONE;
  Slice credentials = slice_of(authority->data, (size_t) (at - authority->data));
  *authority = slice_from(*authority, credentials.len + 1);
  return credentials;
}

void clickhouse_url_hide_password(char *text)
{
  Slice authority = authority_of(text), credentials = cut_credentials(&authority);

  for (size_t i = slice_find(credentials, ':') + 1; i < credentials.len; i++)
    text[(size_t) (credentials.data - text) + i] = 'x';
}

static bool fail(GError **error, const char *why)
{
  return app_fail_usage(error,
                        "the ClickHouse URL %s; expected "
                        "clickhouse://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE",
                        why);
}

static bool unescape(Slice part, char **ret_text, GError **error)
{
  char *text = g_uri_unescape_segment(part.data, part.data + part.len, NULL);

  if (!text || strpbrk(text, "\r\n")) {
    g_free(text);
    return fail(error, _("has a % that is not followed by two hexadecimal digits"));
  }
  *ret_text = text;
  return true;
}

static bool parse_credentials(Slice credentials, ClickHouseUrl *url, GError **error)
{
  Slice user = slice_head(credentials, slice_find(credentials, ':'));

  if (user.len == 0)
    url->user = g_strdup("default");
  else if (!unescape(user, &url->user, error))
    return false;
  if (user.len < credentials.len)
    return unescape(slice_from(credentials, user.len + 1), &url->password, error);
  return true;
}

/* Of a name, an address, or an address of IPv6 in brackets; nothing that a URL of HTTP would take
 * for something else. */
static bool is_host(Slice host)
{
  bool is_bracketed = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
  Slice inner = is_bracketed ? slice_of(host.data + 1, host.len - 2) : host;

  for (size_t i = 0; i < inner.len; i++)
    if (!g_ascii_isalnum(inner.data[i]) && !strchr(is_bracketed ? ":.%" : "-._", inner.data[i]))
      return false;
  return inner.len > 0;
}

static bool parse_host(Slice word, const ClickHouseUrl *url, GPtrArray *hosts, GError **error)
{
  const char *colon = word.len > 0 ? memrchr(word.data, ':', word.len) : NULL;
  size_t len = colon && word.data[word.len - 1] != ']' ? (size_t) (colon - word.data) : word.len;
  Slice host = slice_head(word, len);
  uint16_t port = url->is_tls ? PORT_TLS : PORT;

  if (!is_host(host) ||
      (len < word.len && (!slice_to_u16(slice_from(word, len + 1), &port) || port == 0)))
    return fail(error, _("has no valid host and port"));
  g_ptr_array_add(hosts, g_strdup_printf("%.*s:%u", SLICE_ARG(host), port));
  return true;
}

static bool parse_hosts(Slice words, ClickHouseUrl *url, GError **error)
{
  g_autoptr(GPtrArray) hosts = g_ptr_array_new_with_free_func(g_free);

  do {
    if (!parse_host(slice_cut(&words, ','), url, hosts, error))
      return false;
  } while (words.len > 0 && hosts->len < CLICKHOUSE_HOSTS_MAX);
  if (words.len > 0)
    return fail(error, _("names too many hosts"));
  g_ptr_array_add(hosts, NULL);
  url->hosts = (char **) g_ptr_array_free(g_steal_pointer(&hosts), false);
  return true;
}

/* Of letters, digits, and the others. */
static bool is_name(Slice name, const char *others)
{
  for (size_t i = 0; i < name.len; i++)
    if (!g_ascii_isalnum(name.data[i]) && !strchr(others, name.data[i]))
      return false;
  return name.len > 0;
}

/* The first line. */
static bool read_password(const char *path, char **ret_password, GError **error)
{
  char text[PASSWORD_MAX];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t len = fd >= 0 ? read(fd, text, sizeof text) : -1;
  int failure = errno;

  if (fd >= 0)
    close(fd);
  if (len < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot read the password of ClickHouse: %s: %s"),
                path, g_strerror(failure));
    return false;
  }
  Slice rest = slice_of(text, (size_t) len);
  *ret_password = slice_dup(slice_take_line(&rest));
  explicit_bzero(text, sizeof text);
  return true;
}

static bool parse_option(Slice word, ClickHouseUrl *url, char **password_file, GError **error)
{
  const struct {
    const char *name;
    char **place;
  } OPTIONS[] = {
    {"password-file", password_file}, {"ca", &url->authorities}, {"cluster", &url->cluster}};
  Slice name = slice_cut(&word, '=');

  for (size_t i = 0; i < G_N_ELEMENTS(OPTIONS); i++)
    if (slice_eq(name, slice_from_string(OPTIONS[i].name))) {
      g_clear_pointer(OPTIONS[i].place, g_free);
      return unescape(word, OPTIONS[i].place, error);
    }
  return fail(error, _("has an unknown option; known are password-file, ca and cluster"));
}

/* "?password-file=PATH&ca=FILE&cluster=NAME" */
static bool parse_options(Slice words, ClickHouseUrl *url, GError **error)
{
  g_autofree char *password_file = NULL;

  while (words.len > 0)
    if (!parse_option(slice_cut(&words, '&'), url, &password_file, error))
      return false;
  if (url->cluster && !is_name(slice_from_string(url->cluster), "_-."))
    return fail(error, _("names no cluster of letters, digits, _, - and ."));
  if (password_file && url->password)
    return fail(error, _("has a password and a file of it"));
  if (password_file)
    return read_password(password_file, &url->password, error);
  if (!url->password) {
    const char *password = g_getenv(CLICKHOUSE_PASSWORD_VARIABLE);
    url->password = g_strdup(password ? password : "");
  }
  return true;
}

bool clickhouse_url_parse(const char *text, ClickHouseUrl *ret_url, GError **error)
{
  g_auto(ClickHouseUrl) url = {.is_tls = g_str_has_prefix(text, SCHEME_TLS)};

  if (!clickhouse_url_is_one(text))
    return fail(error, _("does not begin with clickhouse://"));
  Slice authority = authority_of(text);
  Slice path = slice_from_string(authority.data + authority.len);
  Slice credentials = cut_credentials(&authority);
  Slice options = slice_from(path, slice_find(path, '?') + 1);
  Slice database = slice_from(slice_head(path, slice_find(path, '?')), 1);
  if (database.len > 0 && database.data[database.len - 1] == '/')
    database.len--;
  if (!is_name(database, "_"))
    return fail(error, _("names no database of letters, digits and _"));
  url.database = slice_dup(database);
  if (!parse_credentials(credentials, &url, error) || !parse_hosts(authority, &url, error) ||
      !parse_options(options, &url, error))
    return false;
  *ret_url = url;
  url = (ClickHouseUrl){0};
  return true;
}

void clickhouse_url_clear(ClickHouseUrl *url)
{
  if (url->password)
    explicit_bzero(url->password, strlen(url->password));
  g_strfreev(url->hosts);
  g_free(url->user);
  g_free(url->password);
  g_free(url->database);
  g_free(url->authorities);
  g_free(url->cluster);
  *url = (ClickHouseUrl){0};
}
