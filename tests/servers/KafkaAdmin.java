// Changes a broker of the tests; run by kafka.sh as one source file:
//   BROKERS user set NAME PASSWORD | user remove NAME      who may log in by SCRAM-SHA-512
//   BROKERS topic NAME PARTITIONS
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.*;

public class KafkaAdmin {
    public static void main(String[] arguments) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
            if (arguments[1].equals("topic")) {
                NewTopic topic = new NewTopic(arguments[2], Optional.of(Integer.valueOf(arguments[3])), Optional.empty());
                admin.createTopics(List.of(topic)).all().get();
                return;
            }
            UserScramCredentialAlteration alteration = arguments[2].equals("remove")
                ? new UserScramCredentialDeletion(arguments[3], ScramMechanism.SCRAM_SHA_512)
                : new UserScramCredentialUpsertion(arguments[3], new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), arguments[4]);
            admin.alterUserScramCredentials(List.of(alteration)).all().get();
        }
    }
}
