# Two images: `candlewick` (the program) and `kafka` (Apache Kafka with the JMX agent that Prometheus asks).
#
#     docker build --target candlewick -t candlewick:local .
#     docker build --target kafka -t candlewick-kafka:local .
#
# The bases are arguments, so that docker-compose.yml and .env say which; the defaults are the same there.
ARG DEBIAN_IMAGE=debian:bookworm-slim
ARG MAVEN_IMAGE=maven:3.9-eclipse-temurin-17
ARG KAFKA_IMAGE=apache/kafka:4.3.1

# What changes seldom comes first: packages, then librdkafka, built by the script that builds it everywhere else.
FROM ${DEBIAN_IMAGE} AS build
WORKDIR /candlewick
COPY setup setup
RUN ["bash", "-c", "set -euo pipefail; . setup/common.sh; . setup/packages.sh; need_packages \"${build_packages[@]}\""]
RUN setup/librdkafka.sh plain
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY schemas schemas
COPY web web
COPY src src
RUN ["bash", "-c", "set -euo pipefail; . setup/common.sh; . setup/build.sh; build_preset release; strip -o /usr/local/bin/candlewick build/release/src/candlewick"]
RUN setup/runtime_packages.sh /usr/local/bin/candlewick >/candlewick/runtime-packages \
    && cp "$(setup/librdkafka.sh --folder plain)/share/doc/librdkafka/LICENSES.txt" /candlewick/librdkafka-LICENSES.txt

FROM ${DEBIAN_IMAGE} AS candlewick
# The libraries that the program is linked with, found from it; curl is for the health checks.
COPY --from=build /candlewick/runtime-packages /usr/share/doc/candlewick/
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get satisfy -y --no-install-recommends \
        "ca-certificates, curl, $(cat /usr/share/doc/candlewick/runtime-packages)" \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin candlewick
# librdkafka is linked into the program statically.
COPY --from=build /candlewick/librdkafka-LICENSES.txt /usr/share/doc/candlewick/
COPY --from=build /usr/local/bin/candlewick /usr/local/bin/candlewick
COPY stack/secrets.sh /usr/local/bin/candlewick-secrets
USER 10001:10001
ENTRYPOINT ["candlewick"]
CMD ["--help"]

# Only the agent's jar: Maven takes its version from the file that pins it for both stacks.
FROM ${MAVEN_IMAGE} AS agent
WORKDIR /agent
COPY stack/kafka/pom.xml ./
RUN mvn -B -q dependency:copy-dependencies -DincludeArtifactIds=jmx_prometheus_javaagent -Dmdep.stripVersion=true -DoutputDirectory=/agent
# The broker's user reads it, also when this folder was made under a strict umask.
COPY stack/kafka/jmx.yml ./
RUN chmod 0644 jmx.yml jmx_prometheus_javaagent.jar

FROM ${KAFKA_IMAGE} AS kafka
COPY --from=agent /agent/jmx_prometheus_javaagent.jar /opt/jmx/agent.jar
COPY --from=agent /agent/jmx.yml /opt/jmx/kafka.yml
# Set here and not in the container's environment: a kafka-*.sh that is run beside the broker would load the agent too, and
# find its port taken.
CMD ["bash", "-c", "KAFKA_OPTS=-javaagent:/opt/jmx/agent.jar=7071:/opt/jmx/kafka.yml exec /etc/kafka/docker/run"]
