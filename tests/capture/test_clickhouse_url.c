#include "capture/clickhouse_url.h"

#include <unistd.h>

#include "tests/test.h"

#define SECRET "hunter2"

static void test_good(void **state)
{
  const struct {
    const char *text, *hosts, *user, *password, *database, *authorities, *cluster;
    bool is_tls;
  } CASES[] = {
    {"clickhouse://h/db", "h:8123", "default", "", "db", NULL, NULL, false},
    {"clickhouse://u@h:9/db_1", "h:9", "u", "", "db_1", NULL, NULL, false},
    {"clickhouse://u:p@h/db/", "h:8123", "u", "p", "db", NULL, NULL, false},
    {"clickhouse://u:@h/db", "h:8123", "u", "", "db", NULL, NULL, false},
    {"clickhouse://:p@h/db", "h:8123", "default", "p", "db", NULL, NULL, false},
    {"clickhouse://u:a%40b%3A%2F@h/db", "h:8123", "u", "a@b:/", "db", NULL, NULL, false},
    {"clickhouse://u:a@b:c@h/db", "h:8123", "u", "a@b:c", "db", NULL, NULL, false},
    {"clickhouses://a,b:1,192.0.2.1/db", "a:8443 b:1 192.0.2.1:8443", "default", "", "db", NULL,
     NULL, true},
    {"clickhouse://[2001:db8::1],[::1]:1/db", "[2001:db8::1]:8123 [::1]:1", "default", "", "db",
     NULL, NULL, false},
    {"clickhouse://h/db?ca=%2Fx%20y", "h:8123", "default", "", "db", "/x y", NULL, false},
    {"clickhouse://h/db?cluster=two-1.b_c", "h:8123", "default", "", "db", NULL, "two-1.b_c",
     false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(ClickHouseUrl) url = {0};
    GError *error = NULL;

    assert_true(clickhouse_url_is_one(CASES[i].text));
    assert_true(clickhouse_url_parse(CASES[i].text, &url, &error));
    g_autofree char *hosts = g_strjoinv(" ", url.hosts);
    assert_string_equal(hosts, CASES[i].hosts);
    assert_string_equal(url.user, CASES[i].user);
    assert_string_equal(url.password, CASES[i].password);
    assert_string_equal(url.database, CASES[i].database);
    assert_true(g_strcmp0(url.authorities, CASES[i].authorities) == 0);
    assert_true(g_strcmp0(url.cluster, CASES[i].cluster) == 0);
    assert_true(url.is_tls == CASES[i].is_tls);
  }
}

/* Nothing that would be SQL or another URL; and no error has the password. */
static void test_bad(void **state)
{
  static const char *const CASES[] = {
    "",
    "http://h/db",
    "clickhouse:/h/db",
    "clickhouse://",
    "clickhouse://h",
    "clickhouse://h/",
    "clickhouse:///db",
    "clickhouse://u:" SECRET "@/db",
    "clickhouse://u:" SECRET "@h:0/db",
    "clickhouse://u:" SECRET "@h:65536/db",
    "clickhouse://u:" SECRET "@h:x/db",
    "clickhouse://u:" SECRET "@h,/db`; DROP",
    "clickhouse://u:" SECRET "@h/d`b",
    "clickhouse://u:" SECRET "@h/d'b",
    "clickhouse://u:" SECRET "@h/d b",
    "clickhouse://u:" SECRET "@h/a/b",
    "clickhouse://u:" SECRET "@h h/db",
    "clickhouse://u:" SECRET "@h#h/db",
    "clickhouse://u:" SECRET "@[::1/db",
    "clickhouse://u:" SECRET "%@h/db",
    "clickhouse://u:" SECRET "%00@h/db",
    "clickhouse://u:" SECRET "%0Ax@h/db",
    "clickhouse://u:" SECRET "@h/db?other=1",
    "clickhouse://u:" SECRET "@h/db?password-file=/dev/null",
    "clickhouse://u:" SECRET "@h/db?cluster=",
    "clickhouse://u:" SECRET "@h/db?cluster=a'b",
    "clickhouse://u:" SECRET "@h/db?cluster=a%5Cb",
    "clickhouse://u@h/db?password-file=/nonexistent/"
    "file",
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(ClickHouseUrl) url = {0};
    g_autoptr(GError) error = NULL;

    assert_false(clickhouse_url_parse(CASES[i], &url, &error));
    assert_null(strstr(error->message, SECRET));
    assert_null(strchr(error->message, '\n'));
  }
}

static void test_host_count(void **state)
{
  g_autoptr(GString) text = g_string_new("clickhouse://h");
  g_auto(ClickHouseUrl) url = {0};
  g_autofree char *more = NULL;

  (void) state;
  for (unsigned i = 1; i < CLICKHOUSE_HOSTS_MAX; i++)
    g_string_append(text, ",h");
  more = g_strconcat(text->str, ",h/db", NULL);
  g_string_append(text, "/db");
  assert_true(clickhouse_url_parse(text->str, &url, NULL));
  assert_int_equal(g_strv_length(url.hosts), CLICKHOUSE_HOSTS_MAX);
  clickhouse_url_clear(&url);
  assert_false(clickhouse_url_parse(more, &url, NULL));
}

static void test_password_elsewhere(void **state)
{
  g_autofree char *path = NULL, *text = NULL;
  g_auto(ClickHouseUrl) url = {0};
  int fd = g_file_open_tmp("rung-XXXXXX", &path, NULL);

  (void) state;
  assert_true(fd >= 0 && g_file_set_contents(path, SECRET "\nmore\n", -1, NULL));
  close(fd);
  assert_true(g_setenv(CLICKHOUSE_PASSWORD_VARIABLE, "of the environment", true));
  text = g_strconcat("clickhouse://u@h/db?password-file=", path, NULL);
  assert_true(clickhouse_url_parse(text, &url, NULL));
  assert_string_equal(url.password, SECRET);
  clickhouse_url_clear(&url);
  assert_true(clickhouse_url_parse("clickhouse://u@h/db", &url, NULL));
  assert_string_equal(url.password, "of the environment");
  clickhouse_url_clear(&url);
  assert_true(clickhouse_url_parse("clickhouse://u:mine@h/db", &url, NULL));
  assert_string_equal(url.password, "mine");
  g_unsetenv(CLICKHOUSE_PASSWORD_VARIABLE);
  assert_int_equal(unlink(path), 0);
}

static void test_hiding(void **state)
{
  const char *const CASES[][2] = {
    {"clickhouse://u:hunter2@h:1/db?ca=a:b@c", "clickhouse://u:xxxxxxx@h:1/db?ca=a:b@c"},
    {"clickhouse://u:a@b:c@h/db", "clickhouse://u:xxxxx@h/db"},
    {"clickhouses://u@h:1/db", "clickhouses://u@h:1/db"},
    {"clickhouse://u:@h:1/db", "clickhouse://u:@h:1/db"},
    {"clickhouse://h:1/d:b@c", "clickhouse://h:1/d:b@c"},
    {"clickhouse://", "clickhouse://"},
    {"u:p@h", "u:p@h"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *text = g_strdup(CASES[i][0]);
    clickhouse_url_hide_password(text);
    assert_string_equal(text, CASES[i][1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_good),       cmocka_unit_test(test_bad),
    cmocka_unit_test(test_host_count), cmocka_unit_test(test_password_elsewhere),
    cmocka_unit_test(test_hiding),
  };

  return cmocka_run_group_tests_name("clickhouse_url", tests, NULL, NULL);
}
