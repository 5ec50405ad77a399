"""What a group has committed, with the text beside each offset, asked of librdkafka itself.

confluent_kafka reads that text as if a NUL ended it. None does: it reads on, into what often is no UTF-8.
"""

import ctypes
from pathlib import Path

import confluent_kafka

CONSUMER, TEXT = 1, 512  # rd_kafka_type_t; for what librdkafka says of an error


class _Place(ctypes.Structure):  # rd_kafka_topic_partition_t
    _fields_ = [("topic", ctypes.c_char_p), ("partition", ctypes.c_int32), ("offset", ctypes.c_int64),
                ("metadata", ctypes.c_void_p), ("metadata_size", ctypes.c_size_t), ("opaque", ctypes.c_void_p),
                ("err", ctypes.c_int), ("private", ctypes.c_void_p)]


class _Places(ctypes.Structure):  # rd_kafka_topic_partition_list_t
    _fields_ = [("cnt", ctypes.c_int), ("size", ctypes.c_int), ("elems", ctypes.POINTER(_Place))]


def _library():
    """The one that confluent_kafka has loaded."""
    found, = (Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs").glob("librdkafka*.so*")
    library = ctypes.CDLL(str(found))
    places, handle = ctypes.POINTER(_Places), ctypes.c_void_p
    for name, result, *arguments in (
            ("rd_kafka_conf_new", handle),
            ("rd_kafka_conf_set", ctypes.c_int, handle, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t),
            ("rd_kafka_new", handle, ctypes.c_int, handle, ctypes.c_char_p, ctypes.c_size_t),
            ("rd_kafka_destroy", None, handle),
            ("rd_kafka_topic_partition_list_new", places, ctypes.c_int),
            ("rd_kafka_topic_partition_list_add", ctypes.POINTER(_Place), places, ctypes.c_char_p, ctypes.c_int32),
            ("rd_kafka_topic_partition_list_destroy", None, places),
            ("rd_kafka_committed", ctypes.c_int, handle, places, ctypes.c_int)):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class GroupOffsets:
    def __init__(self, bootstrap, group, topic, partitions):
        self.library, self.topic, self.partitions = _library(), topic, partitions
        conf, text = self.library.rd_kafka_conf_new(), ctypes.create_string_buffer(TEXT)
        for name, value in (("bootstrap.servers", bootstrap), ("group.id", group), ("log_level", "0")):
            if self.library.rd_kafka_conf_set(conf, name.encode(), value.encode(), text, TEXT) != 0:
                raise ValueError(text.value.decode())
        self.client = self.library.rd_kafka_new(CONSUMER, conf, text, TEXT)
        if not self.client:
            raise RuntimeError(text.value.decode())

    def ask(self, seconds):
        """{partition: (offset, text)} of those that the group has committed; None when nobody tells."""
        places = self.library.rd_kafka_topic_partition_list_new(self.partitions)
        try:
            for partition in range(self.partitions):
                self.library.rd_kafka_topic_partition_list_add(places, self.topic.encode(), partition)
            if self.library.rd_kafka_committed(self.client, places, int(seconds * 1000)) != 0:
                return None
            told = (places.contents.elems[i] for i in range(places.contents.cnt))
            return {place.partition: (place.offset, ctypes.string_at(place.metadata, place.metadata_size).decode() if place.metadata else "")
                    for place in told if place.err == 0 and place.offset >= 0}
        finally:
            self.library.rd_kafka_topic_partition_list_destroy(places)

    def close(self):
        self.library.rd_kafka_destroy(self.client)
