import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import org.javarosa.core.model.ValidateOutcome;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.test.Scenario;

/** Fills in a form with the engine of ODK Collect: a command a line in, an outcome a line out. */
public class OdkPhone {
    public static void main(String[] arguments) throws Exception {
        Scenario phone = null;
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ", 3);
            String outcome = "done";
            switch (words[0]) {
                case "open" -> phone = Scenario.init(new File(words[1]));
                case "integer" -> outcome = phone.answer(words[1], Integer.parseInt(words[2])).toString();
                case "text" -> outcome = phone.answer(words[1], words[2]).toString();
                case "date" -> {
                    // Only the question at hand takes a date: the text, which is refused, brings us there.
                    phone.answer(words[1], words[2]);
                    outcome = phone.answer(LocalDate.parse(words[2])).toString();
                }
                case "remove" -> phone.removeRepeat(words[1]);
                case "send" -> outcome = sent(phone.getValidationOutcome());
                default -> throw new IllegalArgumentException(line);
            }
            System.out.println(outcome);
        }
    }

    private static String sent(ValidateOutcome stopped) {
        if (stopped == null) {
            return "SENT";
        }
        boolean isEmpty = stopped.outcome == FormEntryController.ANSWER_REQUIRED_BUT_EMPTY;
        return (isEmpty ? "REQUIRED_BUT_EMPTY " : "CONSTRAINT_VIOLATED ") + stopped.failedPrompt.getReference();
    }
}
