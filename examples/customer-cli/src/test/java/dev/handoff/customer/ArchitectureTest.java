package dev.handoff.customer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this room may lean on, checked on its main code. */
@AnalyzeClasses(packages = "dev.handoff.customer", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_customer_knows_the_host_only_by_its_webhooks = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.handoff.internal..", "dev.handoff.memory..", "dev.handoff.jdbi..");

    @ArchTest
    static final ArchRule the_sdk_is_left_out_of_the_jar_and_so_is_not_called =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("com.twilio..");

    @ArchTest
    static final ArchRule names_say_what_a_class_is_for =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Utils?|Impl)");
}
