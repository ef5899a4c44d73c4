/* libpcap's own read loop over a file: the minimum time for a program that uses libpcap. */
#include <pcap.h>
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
  char error[PCAP_ERRBUF_SIZE] = "usage: pcap_loop FILE";
  pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
  struct pcap_pkthdr *head;
  const u_char *data;
  uint64_t packets = 0, bytes = 0;

  if (!pcap) {
    fprintf(stderr, "%s\n", error);
    return 2;
  }
  while (pcap_next_ex(pcap, &head, &data) == 1) {
    packets++;
    bytes += head->caplen;
  }
  pcap_close(pcap);
  printf("%llu packets, %llu bytes\n", (unsigned long long) packets, (unsigned long long) bytes);
  return 0;
}
