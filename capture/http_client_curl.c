/* Through libcurl's multi interface, which does not wait. */
#include <curl/curl.h>

#include "capture/http_client.h"

enum { CONNECT_MS = 5000, SILENT_S = 60 };

struct HttpClient {
  CURLM *multi;
  CURL *easy;
  struct curl_slist *headers;
  GString *answer;
  char fault[CURL_ERROR_SIZE];
};

const char *http_client_library(void)
{
  return "libcurl";
}

/* A short count is a failure to libcurl. */
static size_t take_answer(char *data, size_t size, size_t count, void *to)
{
  HttpClient *client = to;
  size_t len = size * count;

  if (len > HTTP_ANSWER_MAX - client->answer->len)
    return 0;
  g_string_append_len(client->answer, data, (gssize) len);
  return len;
}

HttpClient *http_client_new(const HttpOptions *options)
{
  HttpClient *client = g_new0(HttpClient, 1);
  bool ok = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;

  client->multi = curl_multi_init();
  CURL *easy = client->easy = curl_easy_init();
  g_assert(ok && client->multi && easy); /* there is memory */
  client->answer = g_string_new(NULL);
  /* without "Expect: 100-continue", which costs a round trip */
  client->headers = curl_slist_append(NULL, "Expect:");
  client->headers = curl_slist_append(client->headers, "Content-Type: application/octet-stream");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "rung");
  curl_easy_setopt(easy, CURLOPT_USERNAME, options->user);
  curl_easy_setopt(easy, CURLOPT_PASSWORD, options->password);
  curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
  if (options->authorities)
    curl_easy_setopt(easy, CURLOPT_CAINFO, options->authorities);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) CONNECT_MS);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) SILENT_S);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->fault);
  return client;
}

void http_client_free(HttpClient *client)
{
  if (!client)
    return;
  (void) curl_multi_remove_handle(client->multi, client->easy);
  curl_easy_cleanup(client->easy);
  (void) curl_multi_cleanup(client->multi);
  curl_slist_free_all(client->headers);
  g_string_free(client->answer, true);
  g_free(client);
}

void http_client_post(HttpClient *client, const char *url, Slice body)
{
  g_string_truncate(client->answer, 0);
  client->fault[0] = '\0';
  (void) curl_multi_remove_handle(client->multi, client->easy);
  curl_easy_setopt(client->easy, CURLOPT_URL, url);
  curl_easy_setopt(client->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) body.len);
  curl_easy_setopt(client->easy, CURLOPT_POSTFIELDS, body.len > 0 ? body.data : "");
  curl_multi_add_handle(client->multi, client->easy);
}

/* The request has ended. */
static HttpAnswer answer_of(HttpClient *client, CURLcode result)
{
  long status = 0;

  if (result == CURLE_OK)
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
  return (HttpAnswer){
    .status = (unsigned) status,
    .body = slice_of(client->answer->str, client->answer->len),
    .fault = result == CURLE_OK      ? NULL
             : client->fault[0] != 0 ? client->fault
                                     : curl_easy_strerror(result),
  };
}

bool http_client_step(HttpClient *client, int wait_ms, HttpAnswer *ret_answer)
{
  int running = 0, left;

  (void) curl_multi_perform(client->multi, &running);
  if (running > 0) {
    (void) curl_multi_poll(client->multi, NULL, 0, wait_ms, NULL);
    (void) curl_multi_perform(client->multi, &running);
  }
  const CURLMsg *message = curl_multi_info_read(client->multi, &left);
  if (!message || message->msg != CURLMSG_DONE)
    return false;
  *ret_answer = answer_of(client, message->data.result);
  return true;
}

void http_client_wake(HttpClient *client)
{
  if (client)
    (void) curl_multi_wakeup(client->multi);
}
