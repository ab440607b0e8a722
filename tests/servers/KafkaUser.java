// Sets or removes who may log in to a broker by SCRAM-SHA-512; run by kafka.sh as one source file.
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.*;

public class KafkaUser {
    public static void main(String[] arguments) throws Exception {
        UserScramCredentialAlteration alteration = arguments[1].equals("remove")
            ? new UserScramCredentialDeletion(arguments[2], ScramMechanism.SCRAM_SHA_512)
            : new UserScramCredentialUpsertion(arguments[2], new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), arguments[3]);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
            admin.alterUserScramCredentials(List.of(alteration)).all().get();
        }
    }
}
