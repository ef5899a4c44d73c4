"""What a ClickHouse server counts of each sample is what the program counts of the file."""
import clickhouse
import tap


def test_each_sample():
    for path in sorted(tap.SAMPLES.glob("*.pcap")):
        database = clickhouse.Database()
        assert database.push("-q", path).returncode in (0, 1)  # 1: what is broken was told
        clickhouse.same_counts(database, path, groups=["all"])


def tests():
    return [("clickhouse counts: each sample", test_each_sample)]
