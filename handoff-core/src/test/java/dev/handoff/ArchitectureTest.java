package dev.handoff;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/** What holds the house together, checked on the core's main code. */
@AnalyzeClasses(packages = "dev.handoff", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    /** Time is the store's. The one class that may read the process clock is where a store without a database gets it. */
    private static final Set<String> PROCESS_CLOCK = Set.of();

    private static final Set<String> CLOCK_READS = Set.of(
            "java.time.Instant.now()",
            "java.time.LocalDateTime.now()",
            "java.time.OffsetDateTime.now()",
            "java.time.ZonedDateTime.now()",
            "java.lang.System.currentTimeMillis()",
            "java.util.Date.<init>()");

    private static final Set<String> CLOCKS_MADE = Set.of(
            "java.time.InstantSource.system()", "java.time.Clock.systemUTC()", "java.time.Clock.systemDefaultZone()");

    @ArchTest
    static final ArchRule main_code_never_imports_the_fakes_for_integrators = noClasses()
            .that()
            .resideOutsideOfPackage("dev.handoff.testing..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.handoff.testing..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule packages_form_no_cycles =
            slices().matching("dev.handoff.(*)..").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule the_engine_is_the_only_public_type_of_the_internal_package = classes()
            .that()
            .resideInAPackage("dev.handoff.internal..")
            .and()
            .areTopLevelClasses()
            .and()
            .arePublic()
            .should()
            .haveSimpleName("Engine");

    @ArchTest
    static final ArchRule the_core_depends_on_the_JDK_SLF4J_and_JSpecify_only = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.slf4j..", "org.jspecify..", "dev.handoff..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nobody_reads_the_process_clock = noClasses()
            .that(describe("are not the process clock", type -> !PROCESS_CLOCK.contains(type.getName())))
            .should()
            .accessTargetWhere(targetIsOneOf("the process clock is read", CLOCK_READS))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule clocks_are_made_in_the_memory_store_the_test_kit_and_the_builder_only = noClasses()
            .that()
            .resideOutsideOfPackages("dev.handoff.memory..", "dev.handoff.testing..")
            .and()
            .haveSimpleNameNotEndingWith("Builder")
            .should()
            .accessTargetWhere(targetIsOneOf("a clock is made", CLOCKS_MADE))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule every_package_is_null_marked =
            classes().should(resideInANullMarkedPackage()).allowEmptyShould(true);

    @ArchTest
    static final ArchRule names_say_what_a_class_is_for = noClasses()
            .should()
            .haveNameMatching(".*(Manager|Helper|Utils?|Impl)")
            .allowEmptyShould(true);

    private static DescribedPredicate<JavaAccess<?>> targetIsOneOf(String description, Set<String> targets) {
        return describe(
                description, access -> targets.contains(access.getTarget().getFullName()));
    }

    private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
        return new ArchCondition<>("reside in a package whose package-info says @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                events.add(new SimpleConditionEvent(type, marked, type.getPackageName() + " is not @NullMarked"));
            }
        };
    }
}
